import type { Program } from './graph/layer';
import type { Prediction } from './prediction';

/** How a network's output becomes a denoised image. */
export type PreconditioningName = 'vp';

/**
 * How a model stores filters and matrices; vectors are always float32. As `float16` they take half the
 * bytes; as `uint8` a quarter, each number the nearest of 256 that are spaced evenly over the range of
 * its weight.
 */
export type WeightDtype = 'float32' | 'float16' | 'uint8';

/**
 * Settings of runs that were tuned for a model, by task, then by sampler: the number or the name that
 * each option takes.
 */
export type TaskSettings = Readonly<
  Record<string, Readonly<Record<string, Readonly<Record<string, number | string>>>>>
>;

/** What any model of this library says of itself, in `userDefinedMetadata.spgd` of its model.json. */
export interface ProgramMetadata {
  /** Version of this record. */
  readonly version: 1;
  /** The family of networks, e.g. `adm`. */
  readonly architecture: string;
  /** What describes the network, in the keys of its family. */
  readonly config: Readonly<Record<string, string | number | boolean>>;
  /** Height and width the plain graph was written for; the loader is free of them. */
  readonly size: readonly [number, number];
  /** How weights are stored. */
  readonly dtype: WeightDtype;
  /** Number of weights. */
  readonly parameterCount: number;
  /** The layers, for a gradient free of the tape and of fixed sizes. */
  readonly program: Program;
}

/** What the model of a denoiser says of itself. Plain JSON. */
export interface ModelMetadata extends ProgramMetadata {
  /** Channels of the images it takes. */
  readonly inChannels: number;
  /** Channels of its output: those of the image, twice as many with a learned variance. */
  readonly outChannels: number;
  /** Height and width must divide by this. */
  readonly multipleOf: number;
  /** Number of classes it is conditioned on; 0 for none. */
  readonly classes: number;
  /** The noise process the network was trained on. */
  readonly preconditioning: {
    /** Which wrapper makes a denoiser of it. */
    readonly name: PreconditioningName;
    /** Slope of the noise rate, as `vpDenoiser` takes it. */
    readonly betaD: number;
    /** Noise rate at t = 0, as `vpDenoiser` takes it. */
    readonly betaMin: number;
    /** What the network predicts, as `vpDenoiser` takes it; noise where it is missing. */
    readonly prediction?: Prediction;
    /** The sigma at which D is shrunk by half, as `vpDenoiser` takes it; missing where D is not shrunk. */
    readonly halvedAt?: number;
  };
  /** Settings tuned for this model, by task and sampler. */
  readonly settings?: TaskSettings;
}
