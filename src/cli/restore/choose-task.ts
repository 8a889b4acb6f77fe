import { type Damage, tasks } from 'spgd/tasks';
import { type RestoreOptions, usageError } from './restore-options';

/** The task that a flag stands for where none is named. */
const impliedBy = {
  mask: 'box-inpainting',
  kernel: 'motion-blur',
  blurStd: 'gaussian-blur',
  blurRadius: 'defocus-blur',
  scale: 'super-resolution',
} as const satisfies Partial<Record<keyof Damage, string>>;

type Description = keyof typeof impliedBy;

const flagOf = (name: Description): string =>
  `--${name.replace(/[A-Z]/, (letter) => `-${letter.toLowerCase()}`)}`;

const whatToGive: Readonly<Record<Description, string>> = {
  mask: 'a picture as large as the photo with what is missing painted',
  kernel: 'the streak that a point of light left, as a picture or as JSON',
  blurStd: 'the standard deviation of the blur in pixels',
  blurRadius: 'the radius of the disc in pixels',
  scale: 'how many times smaller or brighter the photo became',
};

/** A task, why it was chosen where nobody named it, and the blur that was found where nobody gave one. */
export interface ChosenTask extends Pick<Damage, 'blurStd' | 'blurRadius' | 'kernel'> {
  readonly task: string;
  readonly reason?: string;
  /** Why the result may be worse than the photo. */
  readonly doubt?: string;
}

/** `--kernel auto`: the blur is looked for in the photo. */
export const isBlind = ({ kernel }: Pick<RestoreOptions, 'kernel'>): boolean => kernel === 'auto';

/** The flags that describe a damage, as far as they are given. */
const described = (options: RestoreOptions): Description[] =>
  (Object.keys(impliedBy) as Description[]).filter((name) => options[name] !== undefined);

/**
 * The task of the options: the one named, or what the flags that describe a damage stand for.
 * Undefined where there is neither, and where the blur is to be looked for.
 */
export function taskOf(options: RestoreOptions): ChosenTask | undefined {
  if (isBlind(options)) {
    if (options.simulate)
      throw usageError('--kernel auto is for a damaged photo: leave --simulate out');
    return undefined;
  }
  const names = described(options);
  const [first] = names;
  const task = options.task ?? (first && impliedBy[first]);
  if (!task)
    return options.noiseStd === undefined
      ? undefined
      : { task: 'denoising', reason: '--noise-std is given' };
  for (const name of names) {
    const takers = Object.values(tasks).filter(({ describedBy }) => describedBy.includes(name));
    if (!takers.some((taker) => taker.name === task))
      throw usageError(
        `${flagOf(name)} is for ${takers.map((taker) => taker.name).join(', ')}, not for ${task}`,
      );
  }
  return { task, ...(!options.task && first && { reason: `${flagOf(first)} is given` }) };
}

/** Checks that what must be known of a damaged photo is given. */
export function checkDescribed(
  task: string,
  options: Pick<RestoreOptions, 'simulate'> & { readonly [K in Description]?: unknown },
): void {
  if (options.simulate) return;
  if (['phase-retrieval', 'demosaicing'].includes(task))
    throw usageError(`${task} is for no photo: add --simulate to measure a clean one`);
  const missing = tasks[task]!.describedBy.find(
    (name) => name !== 'scale' && options[name] === undefined,
  );
  if (missing) throw usageError(`${task} needs ${flagOf(missing)}: ${whatToGive[missing]}`);
}
