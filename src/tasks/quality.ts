import type { Settings } from './settings';

/** How much time a restoration may take. */
export type Quality = 'fast' | 'balanced' | 'best';

/** The levels, the quickest first. */
export const qualities: readonly Quality[] = ['fast', 'balanced', 'best'];

/** A sampler by its name in `samplers`, or `spgd`, with its settings. */
export interface Method extends Partial<Settings> {
  /** Its name, as `samplerNamed` takes it. */
  readonly sampler: string;
}

/** The method of each level, and the one that draws several samples of the posterior. */
export type Methods = Readonly<Record<Quality | 'samples', Method>>;

/** Mirror images, one a step: 0 to 0.24 dB for nothing (docs/results.md). */
const mirrors = 'in-turn';

const fromMeasurement = {
  sampler: 'diffpir',
  startFrom: 'measurement',
  sigmaMax: 1,
  sigmaMin: 0.02,
  zeta: 1,
  temperature: 0.4,
} as const;

/**
 * With all of its noise, DiffPIR draws samples in few passes. From the measurement they would spread
 * less (docs/posterior.md).
 */
const drawing: Method = { sampler: 'diffpir', steps: 20, zeta: 1, temperature: 1 };

/** Linear operators with a solver: plug-and-play restoration in few passes, or the mean of four such runs. */
export const proximal: Methods = {
  fast: { ...fromMeasurement, mirrors, steps: 5, temperature: 0.6 },
  balanced: { ...fromMeasurement, mirrors, steps: 10 },
  best: { ...fromMeasurement, mirrors, steps: 10, runs: 4 },
  samples: drawing,
};

/** Down-sampling: here more steps gain more than a mean does. */
export const enlarging: Methods = {
  ...proximal,
  best: { ...fromMeasurement, mirrors, steps: 30 },
};

/** Missing regions: x starts from smooth means of what is known round them. */
export const filling: Methods = {
  fast: { ...fromMeasurement, mirrors, steps: 8, temperature: 0.5 },
  balanced: { ...fromMeasurement, mirrors, steps: 15, temperature: 0.5 },
  best: { sampler: 'spgd', mirrors },
  samples: drawing,
};

/** Missing single pixels: the means are near, so less noise will do. */
export const sparse: Methods = {
  ...filling,
  fast: { ...filling.fast, sigmaMax: 0.3 },
  balanced: { ...filling.balanced, sigmaMax: 0.5, steps: 20 },
};

/** Noise alone: one pass is the posterior mean. More make a mean over mirror images, or samples. */
export const onePass: Methods = {
  fast: { sampler: 'mmse', steps: 1, sigmaMax: 1 },
  balanced: { sampler: 'mmse', steps: 1, sigmaMax: 1 },
  best: { sampler: 'mmse', mirrors: 'mean', steps: 1, sigmaMax: 1 },
  samples: { ...fromMeasurement, steps: 10, temperature: 1 },
};

const fromDecoded = {
  sampler: 'dpir',
  mirrors,
  startFrom: 'measurement',
  lambda: 0.7,
  sigmaMax: 0.3,
} as const;

/** JPEG of quality 10: the decoded picture is denoised and pulled to its coefficients, in turn. */
export const compressed: Methods = {
  fast: { ...fromDecoded, steps: 2, sigmaMin: 0.12 },
  balanced: { ...fromDecoded, steps: 2, sigmaMin: 0.12 },
  best: { ...fromDecoded, steps: 3, sigmaMin: 0.08 },
  samples: { ...fromMeasurement, steps: 10, sigmaMax: 0.3, temperature: 1 },
};

const fromBilinear = {
  sampler: 'dpir',
  mirrors,
  startFrom: 'measurement',
  lambda: 0.1,
  sigmaMax: 0.1,
  sigmaMin: 0.03,
} as const;

/**
 * A mosaic: from its bilinear interpolation in many small steps, since each pulls two thirds of the
 * values by the prior alone.
 */
export const interpolated: Methods = {
  fast: { ...fromBilinear, steps: 8 },
  balanced: { ...fromBilinear, steps: 16 },
  best: { ...fromBilinear, steps: 24 },
  samples: drawing,
};

const fromGrayCopy = {
  sampler: 'dpir',
  mirrors,
  startFrom: 'measurement',
  lambda: 1,
  sigmaMax: 0.3,
  sigmaMin: 0.03,
} as const;

/** Colours from a grey image: from its grey copy, since the prior knows little of colours. */
export const coloured: Methods = {
  fast: { ...fromGrayCopy, steps: 4 },
  balanced: { ...fromGrayCopy, steps: 8 },
  best: { ...fromGrayCopy, steps: 8 },
  samples: drawing,
};

const fromRescaled = { ...fromMeasurement, mirrors, lambda: 2, temperature: 0.2 } as const;

/** Over-exposure: whether a value was cut off is weighed in each step, so few steps will do. */
export const clipped: Methods = {
  fast: { ...fromRescaled, steps: 5, lambda: 3 },
  balanced: { ...fromRescaled, steps: 10 },
  best: { ...fromRescaled, steps: 20 },
  samples: { sampler: 'spgd' },
};

const fromNoise = { mirrors, sigmaMax: 10, sigmaMin: 0.1, zeta: 1, temperature: 0.7 } as const;

const guidedFromNoise = {
  ...fromNoise,
  sampler: 'spgd:diffpir',
  lambda: 4,
  learningRate: 3,
  decay: 0,
  until: 1,
} as const;

/** Phases that are not measured: the start decides whether a run succeeds, so several start. */
export const unphased: Methods = {
  fast: { ...fromNoise, sampler: 'diffpir', steps: 50, lambda: 1.5 },
  balanced: { ...guidedFromNoise, steps: 10, warmupSteps: 2, tries: 4 },
  best: { ...guidedFromNoise, steps: 30, warmupSteps: 1, tries: 8 },
  samples: { sampler: 'spgd' },
};

/** Operators that only a gradient follows: SPGD. */
export const guided: Methods = {
  fast: { sampler: 'spgd' },
  balanced: { sampler: 'spgd' },
  best: { sampler: 'spgd' },
  samples: { sampler: 'spgd' },
};
