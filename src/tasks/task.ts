import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { type ForwardOperator, type GaussianNoise, gaussianNoise, type JpegOptions } from 'spgd';
import type { Baseline } from './baselines/baseline';
import type { Methods } from './quality';
import type { Settings } from './settings';

/** Height and width of an image in pixels. */
export interface Size {
  /** Rows. */
  readonly height: number;
  /** Columns. */
  readonly width: number;
}

/** What is known of a damage. A task reads what describes it and has defaults for the rest. */
export interface Damage {
  /**
   * Seed of a mask or kernel that is drawn: any integer.
   * @default 0
   */
  readonly seed?: number | undefined;
  /**
   * How many times the image became smaller, an integer >= 2, or brighter, > 0.
   * @default 4 for super-resolution, 2 for over-exposure
   */
  readonly scale?: number | undefined;
  /**
   * Standard deviation of a Gaussian blur in pixels, > 0.
   * @default 3, or 1.5 below 128 pixels
   */
  readonly blurStd?: number | undefined;
  /**
   * Radius of the disc of a defocus blur in pixels, > 0.
   * @default 5, or 2.5 below 128 pixels
   */
  readonly blurRadius?: number | undefined;
  /**
   * Kernel of a motion blur: rows of numbers with the sum 1, of odd size, as `motionBlur` takes it.
   * @default drawn from `seed`
   */
  readonly kernel?: number[][] | undefined;
  /**
   * Which pixels are known (1) and missing (0): `[1, height, width, 1]`.
   * @default a box, or drawn from `seed`
   */
  readonly mask?: Tensor4D | undefined;
  /**
   * The compression of a JPEG: quality or tables, and the sampling of colours.
   * @default quality 10 with 4:2:0
   */
  readonly jpeg?: JpegOptions | undefined;
}

/** A named damage: how it is simulated, a simple baseline against it, and settings for SPGD. */
export interface Task<Operator extends ForwardOperator = ForwardOperator> {
  /** Its name in the command, in config files and in the settings of a model, in kebab-case. */
  readonly name: string;
  /** What happened to the picture, for help texts. */
  readonly summary: string;
  /** The fields of `Damage` that describe it. */
  readonly describedBy: readonly Exclude<keyof Damage, 'seed' | 'jpeg'>[];
  /** The measurement has one channel, and the image three. */
  readonly fromGray?: true;
  /** Standard deviation of the noise on the [-1, 1] scale. */
  readonly noiseStd: number;
  /** The noise, where it is not Gaussian of `noiseStd`. */
  noise?(): GaussianNoise;
  /** Settings of `spgd` for a model that names none, as released for 256 x 256. */
  readonly settings: Partial<Settings>;
  /** What restores it at each level of quality, for a model that names nothing better. */
  readonly methods: Methods;
  /** A simple way to undo the damage without a learned prior. */
  readonly baseline: Baseline<Operator>;
  /** The degradation of an image of this size. */
  operator(size: Size, damage?: Damage): Operator;
  /**
   * How much stronger the damage is than the usual one, > 0: what the noise levels of the settings are
   * multiplied by. 1 by default.
   */
  level?(operator: Operator): number;
  /** What of the degradation is drawn or chosen, to be kept with a result: the mask, the kernel. */
  drawn?(size: Size, damage?: Damage): Readonly<Record<string, Tensor>>;
  /**
   * A restored image as it is compared with the clean one: of the images with the same measurement,
   * the nearest. The image itself by default.
   */
  align?(images: Tensor4D, clean: Tensor4D): Tensor4D;
  /** The measurement as a picture in [-1, 1]; the measurement itself by default. */
  picture?(measurement: Tensor4D, operator: Operator): Tensor4D;
}

/** The noise of a task; where it is Gaussian, of `std`. */
export const noiseOf = (
  { noise, noiseStd }: Pick<Task, 'noise' | 'noiseStd'>,
  std: number = noiseStd,
): GaussianNoise => noise?.() ?? gaussianNoise(std);

/** An image as it is compared with the clean one, as a new tensor. */
export const aligned = (
  { align }: Pick<Task, 'align'>,
  images: Tensor4D,
  clean: Tensor4D,
): Tensor4D => align?.(images, clean) ?? tf.clone(images);

/** Whether an image is smaller than the blurs released for 256 x 256 need: under 128 pixels. */
export const isSmall = ({ height, width }: Size): boolean => Math.min(height, width) < 128;
