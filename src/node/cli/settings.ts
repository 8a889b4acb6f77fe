import type { ModelMetadata, SpgdOptions } from 'spgd';

/** What a run is told: noise levels, what `spgd` takes, and options of single samplers by name. */
export interface Settings
  extends Omit<{ [K in keyof SpgdOptions]?: SpgdOptions[K] | undefined }, 'learningRate'> {
  readonly steps: number;
  readonly sigmaMax: number;
  readonly sigmaMin?: number | undefined;
  readonly learningRate?: number | undefined;
  readonly [option: string]: number | string | undefined;
}

/** Settings of the released code, for images of 256 x 256: N = 5, sigma from 100 to 0.1. */
const usual: Settings = { steps: 100, sigmaMax: 100, sigmaMin: 0.1, warmupSteps: 5 };

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

/**
 * The settings of a run: those given, else the model's own for this task and sampler, else the
 * released ones. A sampler that the model does not name takes what it says of `spgd`.
 */
export function chooseSettings(
  task: string,
  sampler: string,
  metadata: Pick<ModelMetadata, 'presets'> | null,
  given: object = {},
): ChosenSettings {
  const presets = metadata?.presets?.[task];
  const preset = presets?.[sampler] ?? presets?.spgd;
  const own = withoutUndefined(given);
  if (!preset) {
    const learningRate = learningRates[task] ?? 1;
    return { settings: { ...usual, learningRate, ...own }, source: 'the released settings' };
  }
  return { settings: { ...usual, ...preset, ...own }, source: "the model's preset" };
}
