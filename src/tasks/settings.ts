import type { SelfEnsembleOptions, SpgdOptions } from 'spgd';

/** Noise levels of a run, the options of `spgd`, and options of single samplers by name. */
export interface Settings
  extends Omit<
    { [K in keyof SpgdOptions]?: SpgdOptions[K] | undefined },
    'learningRate' | 'transform'
  > {
  /** Number of steps: an integer >= 1. */
  readonly steps: number;
  /** First noise level, > 0. */
  readonly sigmaMax: number;
  /**
   * Last noise level before 0, > 0.
   * @default 0.1
   */
  readonly sigmaMin?: number | undefined;
  /**
   * Size of a gradient step of `spgd`, > 0.
   * @default 1
   */
  readonly learningRate?: number | undefined;
  /**
   * The sampler that `spgd` wraps where its name says none.
   * @default 'probability-flow'
   */
  readonly base?: string | undefined;
  /**
   * Runs from other noise, as `bestOf` takes them: an integer >= 1.
   * @default one run
   */
  readonly tries?: number | undefined;
  /**
   * The noise level below which only the best of the tries goes on, > 0.
   * @default as `bestOf` has it
   */
  readonly until?: number | undefined;
  /**
   * Runs from other noise whose mean is taken, as `meanOf` takes it: an integer >= 1.
   * @default one run
   */
  readonly runs?: number | undefined;
  /**
   * How mirror images are denoised, as `selfEnsemble` takes it.
   * @default the image alone
   */
  readonly mirrors?: SelfEnsembleOptions['mirrors'] | undefined;
  /**
   * Factor on the spread of samples with which their credible intervals hold 90 % of the pixels, > 0,
   * as `calibrate` finds it for these settings.
   * @default not calibrated
   */
  readonly intervalScale?: number | undefined;
  /** An option of a sampler. */
  readonly [option: string]: number | string | undefined;
}
