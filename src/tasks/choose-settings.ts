import type { ModelMetadata } from 'spgd';
import { guided, type Method, type Methods, qualities } from './quality';
import type { Settings } from './settings';
import { taskName, tasks } from './tasks';

/** Noise levels of the released code. */
const usual: Settings = { steps: 100, sigmaMax: 100, sigmaMin: 0.1 };

/** Settings, and where those come from that were not given. */
export interface ChosenSettings {
  /** The sampler's name: the one asked for, or that of a level of quality. */
  readonly sampler: string;
  /** What a sampler runs with. */
  readonly settings: Settings;
  /** `the settings of the model`, `the released settings`, `settings for samples`, or `balanced quality` and its like. */
  readonly source: string;
}

const withoutUndefined = (values: object): Partial<Settings> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

/** Settings as they are, or without their calibration where others replace some of them. */
function calibrated<T extends Partial<Settings>>(settings: T, given: object): T {
  if (Object.keys(withoutUndefined(given)).length === 0) return settings;
  return { ...settings, intervalScale: undefined };
}

/** What a model names for the samplers of one task. */
type OneTask = Readonly<Record<string, object>> | undefined;

/** The settings of a model for a task, which it may name as the released code does. */
const settingsFor = (task: string, all: Readonly<Record<string, OneTask>> = {}) =>
  Object.entries(all).find(([name]) => taskName(name) === taskName(task))?.[1];

/**
 * Settings of `spgd` for `spgd:base`. What was tuned with a base of its own is for that base alone;
 * with another, `spgd` is set as with the ODE.
 */
function withBase(base: string, ofSpgd: Partial<Settings>, known: OneTask) {
  const { base: own = 'probability-flow', denoiseAt: _, ...forAny } = ofSpgd;
  return base === own ? ofSpgd : (known?.['spgd:probability-flow'] ?? forAny);
}

/** The method of a task at a level of quality: the model's own, or that of the task. */
function methodOf(task: string, quality: keyof Methods, known: OneTask): Method {
  return (
    (known?.[quality] as Method | undefined) ?? (tasks[taskName(task)]?.methods ?? guided)[quality]
  );
}

const isMethod = (name: string): name is keyof Methods =>
  name === 'samples' || (qualities as readonly string[]).includes(name);

/**
 * The settings of a run: those given, else those of the model for this task and sampler, else the
 * released ones. A sampler that the model does not name takes the noise levels that it has for
 * `spgd`; one that `spgd` wraps takes its own options and then all of those of `spgd`.
 *
 * Mirror images are for models that were trained on them. In place of a sampler, `fast`, `balanced` or `best` names what was tuned for this much time, and
 * `samples` what draws samples of the posterior.
 */
export function chooseSettings(
  task: string,
  sampler: string,
  metadata: Pick<ModelMetadata, 'settings' | 'mirrored'> | null,
  given: object = {},
): ChosenSettings {
  const known: OneTask = settingsFor(task, metadata?.settings);
  if (isMethod(sampler)) {
    const { sampler: name, mirrors, ...method } = calibrated(methodOf(task, sampler, known), given);
    const own = { ...method, ...(metadata?.mirrored && { mirrors }) };
    const chosen = chooseSettings(task, name, metadata, { ...own, ...withoutUndefined(given) });
    const source = sampler === 'samples' ? 'settings for samples' : `${sampler} quality`;
    return { ...chosen, source };
  }
  const isGuided = /^spgd(:|$)/.test(sampler);
  const source = known ? 'the settings of the model' : 'the released settings';
  const released = tasks[taskName(task)]?.settings ?? { learningRate: 1 };
  const ofSpgd: Partial<Settings> = known?.spgd ?? released;
  const { steps, sigmaMax, sigmaMin } = ofSpgd;
  const levels = withoutUndefined({ steps, sigmaMax, sigmaMin });
  const base = sampler.replace(/^spgd:/, '');
  const wrapped = { ...known?.[base], ...withBase(base, ofSpgd, known) };
  const chosen = calibrated(known?.[sampler] ?? (isGuided ? wrapped : levels), given);
  return { sampler, settings: { ...usual, ...chosen, ...withoutUndefined(given) }, source };
}
