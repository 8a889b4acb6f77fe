import type { PhotoSettings, PhotoTask, Plan } from 'spgd/browser';
import type { Diagnosis } from 'spgd/tasks';
import { blurWords, noiseOf, noiseWords, softness, suggested, wordFor } from './words';

/** The form of a job. */
export interface JobForm {
  /** What the form says, without the photo. */
  settings(): PhotoSettings;
  /** Fills in what was found in a photo. */
  setDiagnosis(diagnosis: Diagnosis, isLossy: boolean): void;
  /** Fills in what is known of a damage. */
  setDamage(damage: { task: PhotoTask; noiseStd: number; blurStd?: number }): void;
  /** Shows which settings the method chose. */
  setPlan(plan: Plan): void;
}

const methodTitles: Readonly<Record<string, string>> = {
  balanced: 'Balanced',
  fast: 'Fast',
  best: 'Best',
  spgd: 'SPGD',
  diffpir: 'DiffPIR',
  ddrm: 'DDRM',
  dps: 'DPS',
};

/** The methods for a task, the default one first. DDRM is for linear operators. */
const methodsFor = (task: PhotoTask): readonly string[] =>
  Object.keys(methodTitles)
    .filter((name) => task !== 'exposure' || name !== 'ddrm')
    .sort((a, b) => Number(b === usual(task)) - Number(a === usual(task)));

/** The blur that a photo is assumed to have which shows none. */
const usualBlur = 1.5;

/** Filling in takes many steps, so the quick method is the usual one. */
const usual = (task: PhotoTask) => (task === 'repair' ? 'fast' : 'balanced');

/** Reads and fills the form; `onChange` is called after each change that a job depends on. */
export function jobForm(form: HTMLFormElement, onChange: () => void): JobForm {
  const field = (name: string) =>
    form.elements.namedItem(name) as HTMLInputElement & HTMLSelectElement & RadioNodeList;
  const number = (name: string) => Number(field(name).value);
  const task = () => field('task').value as PhotoTask;
  const method = () => field('method').value;
  /** A method was chosen by hand: another task must not undo it. */
  let isChosen = false;
  const isGuided = () => method() === 'spgd';

  /** A choice in words and the number behind it, each of which sets the other. */
  const words = (
    name: string,
    numberName: string,
    list: readonly { word: string; std: number; below: number }[],
  ) => {
    field(name).replaceChildren(...list.map(({ word }) => new Option(word, word)));
    const set = (value: number) => {
      field(numberName).value = String(Number(value.toPrecision(3)));
      field(name).value = wordFor(list, value).word;
    };
    field(name).addEventListener('change', () => {
      set(list.find(({ word }) => word === field(name).value)!.std);
    });
    field(numberName).addEventListener('change', () => set(number(numberName)));
    set(number(numberName));
    return set;
  };
  const setNoise = words('noise', 'noiseStd', noiseWords);
  const setBlur = words('blur', 'blurStd', blurWords);

  const fillTask = () => {
    const methods = methodsFor(task());
    const kept = isChosen ? method() : methods[0]!;
    field('method').replaceChildren(
      ...methods.map((name) => new Option(methodTitles[name]!, name)),
    );
    if (methods.includes(kept)) field('method').value = kept;
    for (const part of form.querySelectorAll<HTMLElement>('[data-tasks]'))
      part.hidden = part.dataset.tasks !== task();
    fillMethod();
  };
  const fillMethod = () => {
    for (const name of ['steps', 'warmupSteps']) field(name).value = '';
    form.querySelector<HTMLElement>('[data-methods]')!.hidden = !isGuided();
  };
  form.addEventListener('change', ({ target }) => {
    const { name } = target as HTMLInputElement;
    if (name === 'task') fillTask();
    if (name === 'method') {
      isChosen = true;
      fillMethod();
    }
    onChange();
  });
  fillTask();

  return {
    settings() {
      const steps = number('steps');
      const samples = number('samples');
      const isQuick = ['balanced', 'fast'].includes(method());
      return {
        task: task(),
        scale: task() === 'exposure' ? number('exposure') : number('enlarge'),
        blurStd: number('blurStd'),
        noiseStd: number('noiseStd'),
        // What is tuned for one good picture spreads too little for samples.
        method: samples > 1 && isQuick ? 'samples' : method(),
        settings: {
          ...(steps > 0 && { steps }),
          ...(isGuided() && field('warmupSteps').value && { warmupSteps: number('warmupSteps') }),
        },
        seed: number('seed'),
        samples,
      };
    },
    setDiagnosis(diagnosis, isLossy) {
      setNoise(noiseOf(diagnosis, isLossy));
      const spread = softness(diagnosis.blur);
      setBlur(spread ? Math.min(8, Math.max(0.5, spread)) : usualBlur);
      const guess = suggested(diagnosis);
      if (!guess) return;
      field('task').value = guess;
      fillTask();
    },
    setDamage({ task: name, noiseStd, blurStd }) {
      field('task').value = name;
      setNoise(noiseStd);
      if (blurStd) setBlur(blurStd);
      fillTask();
    },
    setPlan({ settings: { steps, warmupSteps } }) {
      field('steps').placeholder = String(steps);
      field('warmupSteps').placeholder = String(warmupSteps ?? '');
    },
  };
}
