import type { ModelMetadata, SpgdOptions } from 'spgd';

/** What a run is told: noise levels, what `spgd` takes, and options of single samplers by name. */
export interface Settings
  extends Omit<
    { [K in keyof SpgdOptions]?: SpgdOptions[K] | undefined },
    'learningRate' | 'transform'
  > {
  readonly steps: number;
  readonly sigmaMax: number;
  readonly sigmaMin?: number | undefined;
  readonly learningRate?: number | undefined;
  /** The sampler that `spgd` goes round where its name says none. */
  readonly base?: string | undefined;
  /** Runs from other noise, as `bestOf` takes them; one run by default. */
  readonly tries?: number | undefined;
  /** The noise level below which only the best of them goes on. */
  readonly until?: number | undefined;
  readonly [option: string]: number | string | undefined;
}

/** Noise levels of the released code. */
const usual: Settings = { steps: 100, sigmaMax: 100, sigmaMin: 0.1 };

/** Learning rates of the released code; that of box inpainting and of denoising are ours. */
const learningRates: Readonly<Record<string, number>> = {
  down_sampling: 7,
  inpainting_rand: 2.5,
  inpainting: 2.5,
  gaussian_blur: 1,
  motion_blur: 1,
  nonlinear_blur: 1,
  hdr: 1,
  phase_retrieval: 2,
  denoising: 1,
};

/** Settings, and where those come from that nobody gave. */
export interface ChosenSettings {
  readonly settings: Settings;
  /** `the model's preset` or `the released settings`. */
  readonly source: string;
}

const withoutUndefined = (values: object): Partial<Settings> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

/** What a model names for the samplers of one task. */
type TaskPresets = Readonly<Record<string, object>> | undefined;

/**
 * Settings of `spgd` for `spgd:base`: what was tuned with a base of its own is for that base alone, and
 * round others `spgd` is set as round the ODE.
 */
function roundBase(base: string, ofSpgd: Partial<Settings>, presets: TaskPresets) {
  const { base: own = 'probability-flow', denoiseAt: _, ...forAny } = ofSpgd;
  return base === own ? ofSpgd : (presets?.['spgd:probability-flow'] ?? forAny);
}

/**
 * The settings of a run: those given, else the model's own for this task and sampler, else the
 * released ones. A sampler that the model does not name takes the noise levels that it has for `spgd`;
 * one with `spgd` round it, its own options and then all of those of `spgd`.
 */
export function chooseSettings(
  task: string,
  sampler: string,
  metadata: Pick<ModelMetadata, 'presets'> | null,
  given: object = {},
): ChosenSettings {
  const presets = metadata?.presets?.[task];
  const guided = /^spgd(:|$)/.test(sampler);
  const source = presets ? "the model's preset" : 'the released settings';
  const ofSpgd = presets?.spgd ?? { learningRate: learningRates[task] ?? 1 };
  const { steps, sigmaMax, sigmaMin } = ofSpgd as Partial<Settings>;
  const levels = withoutUndefined({ steps, sigmaMax, sigmaMin });
  const base = sampler.replace(/^spgd:/, '');
  const round = { ...presets?.[base], ...roundBase(base, ofSpgd, presets) };
  const preset = presets?.[sampler] ?? (guided ? round : levels);
  return { settings: { ...usual, ...preset, ...withoutUndefined(given) }, source };
}
