import { InvalidArgumentError } from 'commander';
import { tasks } from 'spgd/tasks';
import { parse as parseYaml } from 'yaml';
import { heightByWidth } from '../parse';

/** The task that needs a model of its own. */
export const nonlinearBlurName = 'nonlinear_blur';

/** Every task by its name. */
export const taskNames: readonly string[] = [...Object.keys(tasks), nonlinearBlurName];

/** A text as it is. */
export const text = (value: string): string => value;
/** Parts by comma. */
export const list = (value: string): string[] => value.split(',').filter((part) => part !== '');

/** One of some names. */
export const oneOf =
  <T extends string>(choices: readonly T[]) =>
  (value: string): T => {
    if ((choices as readonly string[]).includes(value)) return value as T;
    throw new InvalidArgumentError(`Allowed choices are ${choices.join(', ')}.`);
  };

/** Names by comma, in the order of `choices`, so that it does not matter how they were typed. */
export const namesOf =
  (choices: readonly string[]) =>
  (value: string): string[] => {
    const names = list(value).map(oneOf(choices));
    return choices.filter((choice) => names.includes(choice));
  };

/** A side, or HEIGHTxWIDTH, as HEIGHTxWIDTH. */
export const readSize = (value: string): string => {
  const [height, width] = heightByWidth(/^\d+$/.test(value) ? `${value}x${value}` : value);
  return `${height}x${width}`;
};

/** A part such as `2/4`. */
export const readShard = (value: string): string => {
  const [, k, n] = /^([1-9]\d{0,5})\/([1-9]\d{0,5})$/.exec(value) ?? [];
  if (k && n && Number(k) <= Number(n)) return value;
  throw new InvalidArgumentError(`It must be k/n with k from 1 to n, such as 2/4, got ${value}.`);
};

/** The address of a Redis server. */
export const readQueue = (value: string): string => {
  if (/^rediss?:\/\/./.test(value)) return value;
  throw new InvalidArgumentError(`It must begin with redis:// or rediss://, got ${value}.`);
};

/** `true` or `false`. */
export const readSwitch = (value: string): boolean => oneOf(['true', 'false'])(value) === 'true';

/** Options by task. */
type Tuned = Readonly<Record<string, Readonly<Record<string, number | string>>>>;

/** Whether it is a mapping. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Settings by task, in JSON or YAML: `{hdr: {steps: 20, decay: 0}}`. */
export const readSettings = (value: string): Tuned => {
  const example = '{hdr: {steps: 20, decay: 0}}';
  const refuse = (why: string) => new InvalidArgumentError(`${why}, such as ${example}.`);
  const settings = parseLoosely(value);
  const isOption = (one: unknown) => typeof one === 'string' || Number.isFinite(one);
  if (!isRecord(settings)) throw refuse('It must be a mapping of tasks to options');
  for (const [task, options] of Object.entries(settings)) {
    oneOf(taskNames)(task);
    if (!isRecord(options) || !Object.values(options).every(isOption))
      throw refuse(`${task} must be a mapping of options to numbers or names`);
  }
  return settings as Tuned;
};

/** JSON or YAML; undefined for anything else. */
export const parseLoosely = (value: string): unknown => {
  try {
    return parseYaml(value);
  } catch {
    return undefined;
  }
};
