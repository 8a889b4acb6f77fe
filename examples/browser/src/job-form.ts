import { estimateNoise, type TaskSettings } from 'spgd';
import { chooseSettings } from 'spgd/tasks';
import type { Job, Picture } from './messages';
import { type MethodName, type TaskName, tasks } from './tasks';

/** What the form holds, without the photo. */
export type Choices = Omit<Job, 'photo' | 'missing'> & { readonly side: number };

/** The form of a job. */
export interface JobForm {
  choices(): Choices;
  /** Takes the settings that a model has for each task. */
  setTuned(tuned: TaskSettings): void;
  /** Fills in what depends on the photo. */
  setPhoto(photo: Picture, isLossy: boolean): void;
}

const methodTitles: Readonly<Record<MethodName, string>> = {
  balanced: 'Balanced',
  fast: 'Fast',
  spgd: 'SPGD',
  diffpir: 'DiffPIR',
  ddrm: 'DDRM',
  dps: 'DPS',
};

/** Noise of an 8-bit file is never smaller than its rounding, nor that of a JPEG than its errors. */
const leastNoise = (isLossy: boolean) => (isLossy ? 0.03 : 0.0025);

function noiseOf({ values, width, height }: Picture, isLossy: boolean): number {
  const side = Math.min(1024, width, height);
  const gray = Float32Array.from(
    { length: side * side },
    (_, at) => values[4 * (Math.floor(at / side) * width + (at % side)) + 1]! / 127.5 - 1,
  );
  return Math.max(leastNoise(isLossy), estimateNoise(gray, [side, side, 1])?.std ?? 0);
}

/** Reads and fills the form; `onChange` is called after each change that a job depends on. */
export function jobForm(form: HTMLFormElement, onChange: () => void): JobForm {
  let tuned: TaskSettings = {};
  let measuredNoise = 0.01;
  /** Steps were chosen by hand: the settings of the model, which load later, must not undo them. */
  let isChosen = false;
  const field = (name: string) =>
    form.elements.namedItem(name) as HTMLInputElement & HTMLSelectElement & RadioNodeList;
  const number = (name: string) => Number(field(name).value);
  const task = () => field('task').value as TaskName;
  const method = () => field('method').value as MethodName;
  const isDamaged = () => field('mode').value === 'damaged';

  const chosen = () => chooseSettings(tasks[task()].task.name, method(), { settings: tuned });

  const fillSettings = () => {
    isChosen = false;
    const { sampler, settings } = chosen();
    const { steps, warmupSteps = 5 } = settings;
    field('steps').value = String(steps);
    field('warmupSteps').value = String(warmupSteps);
    form.querySelector<HTMLElement>('#warmup')!.hidden = sampler !== 'spgd';
  };
  const fillNoise = () => {
    const std = isDamaged() ? measuredNoise : tasks[task()].task.noiseStd;
    field('noise').value = String(Number(std.toPrecision(3)));
  };
  const fillTask = () => {
    field('method').replaceChildren(
      ...tasks[task()].methods.map((name) => new Option(methodTitles[name], name)),
    );
    for (const part of form.querySelectorAll<HTMLElement>('[data-tasks]'))
      part.hidden = part.dataset.tasks !== task();
    fillNoise();
    fillSettings();
  };
  form.addEventListener('change', ({ target }) => {
    const { name } = target as HTMLInputElement;
    if (name === 'task') fillTask();
    if (name === 'mode') fillNoise();
    if (name === 'method') fillSettings();
    if (name === 'steps' || name === 'warmupSteps') isChosen = true;
    onChange();
  });
  fillTask();

  return {
    choices() {
      const { sampler, settings } = chosen();
      return {
        task: task(),
        isDamaged: isDamaged(),
        scale: task() === 'exposure' ? number('exposure') : number('enlarge'),
        blurStd: number('blurStd'),
        noiseStd: number('noise'),
        sampler,
        settings: {
          ...settings,
          steps: number('steps'),
          ...(sampler === 'spgd' && { warmupSteps: number('warmupSteps') }),
        },
        seed: number('seed'),
        side: number('size'),
      };
    },
    setTuned(given) {
      tuned = given;
      if (!isChosen) fillSettings();
    },
    setPhoto(photo, isLossy) {
      measuredNoise = noiseOf(photo, isLossy);
      fillNoise();
    },
  };
}
