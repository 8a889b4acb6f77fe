import type { Program } from './graph/layer';
import type { Prediction } from './prediction';

/** A network of the variance-preserving process at fractional times, as `vpDenoiser` takes it. */
export interface VpPreconditioning {
  /** Which process it is. */
  readonly name: 'vp';
  /** Slope of the noise rate. */
  readonly betaD: number;
  /** Noise rate at t = 0. */
  readonly betaMin: number;
  /** Number of timesteps of the training; 1000 where it is missing. */
  readonly steps?: number;
  /** What the network predicts; noise where it is missing. */
  readonly prediction?: Prediction;
  /** The sigma at which D is shrunk by half; missing where D is not shrunk. */
  readonly halvedAt?: number;
}

/** A network of DDPM at integer timesteps, as `ddpmDenoiser` takes it. */
export interface DdpmPreconditioning {
  /** Which process it is. */
  readonly name: 'ddpm';
  /** Variances of the forward process, one for each timestep. */
  readonly betas: readonly number[];
  /** Whether the estimate is cut to [-1, 1]. */
  readonly clip: boolean;
  /** What the network predicts. */
  readonly prediction: Prediction;
  /** Whether the network is given times of 0 to 1000, however many steps there are. */
  readonly rescaled?: boolean;
}

/** A network of images in [0, 1] and their noise level, as `noiseLevelDenoiser` takes it. */
export interface NoiseLevelPreconditioning {
  /** Which process it is. */
  readonly name: 'noise-level';
  /** The highest sigma of the training, on images in [-1, 1]. */
  readonly sigmaMax: number;
}

/** A network of EDM at `log(sigma) / 4`, as `edmDenoiser` takes it. */
export interface EdmPreconditioning {
  /** Which process it is. */
  readonly name: 'edm';
  /** Standard deviation of the training images. */
  readonly sigmaData: number;
  /** The lowest sigma of the training. */
  readonly sigmaMin?: number;
}

/** A network of the variance-exploding process, as `veDenoiser` takes it. */
export interface VePreconditioning {
  /** Which process it is. */
  readonly name: 've';
}

/** A network of improved DDPM with the cosine schedule, as `iddpmDenoiser` takes it. */
export interface IddpmPreconditioning {
  /** Which process it is. */
  readonly name: 'iddpm';
  /** Number of timesteps of the training. */
  readonly steps: number;
}

/** How a network's output becomes a denoised image. */
export type Preconditioning =
  | VpPreconditioning
  | DdpmPreconditioning
  | EdmPreconditioning
  | VePreconditioning
  | IddpmPreconditioning
  | NoiseLevelPreconditioning;

/**
 * How a model stores filters and matrices; vectors are always float32. `float16` takes half the bytes;
 * `uint8` nearly a quarter: each number is the nearest of 256 spaced evenly over the range of its
 * weight; weights of fewer than 65,536 numbers are stored as `float16`.
 */
export type WeightDtype = 'float32' | 'float16' | 'uint8';

/**
 * Settings of runs that were tuned for a model, by task, then by sampler: the number or the name that
 * each option takes.
 */
export type TaskSettings = Readonly<
  Record<string, Readonly<Record<string, Readonly<Record<string, number | string>>>>>
>;

/** The record of a model that this library wrote, in `userDefinedMetadata.spgd` of its model.json. */
export interface ProgramMetadata {
  /** Version of this record. */
  readonly version: 1;
  /** The family of networks, e.g. `adm`: a name for people; the program alone says what runs. */
  readonly architecture: string;
  /** What describes the network, in the keys of its family. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Height and width of the plain graph; `loadDenoiser` takes any other as well. */
  readonly size: readonly [number, number];
  /** How weights are stored. */
  readonly dtype: WeightDtype;
  /** Number of weights. */
  readonly parameterCount: number;
  /** The layers, which the loader runs at any size and with a gradient of its own. */
  readonly program: Program;
}

/** Where a model was fetched from. */
export interface ModelOrigin {
  /** The model on the hub, as `owner/name`. */
  readonly name: string;
  /** The commit, in 40 hexadecimal digits. */
  readonly revision: string;
  /** The path of the checkpoint there. */
  readonly file: string;
}

/** The record of a model of a denoiser. Plain JSON. */
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
  readonly preconditioning: Preconditioning;
  /** Which weights of the checkpoint these are; missing where the file holds one set under no key. */
  readonly weights?: {
    /** Where they lay in the file, such as `params_ema`. */
    readonly key: string;
    /** Whether they are running averages of a training. */
    readonly averaged: boolean;
  };
  /** Height and width of the training images, in pixels; missing where nothing tells them. */
  readonly trainingSize?: readonly [number, number];
  /**
   * Its training images were mirrored left to right and top to bottom at random, so mirror images are as good
   * for it; missing where nothing tells.
   */
  readonly mirrored?: true;
  /** Where it was fetched from; missing for a file of one's own. */
  readonly origin?: ModelOrigin;
  /** The licence as its author states it; missing where nothing does. */
  readonly license?: string;
  /** Settings tuned for this model, by task and sampler. */
  readonly settings?: TaskSettings;
}
