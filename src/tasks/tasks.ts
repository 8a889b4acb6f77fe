import * as tf from '@tensorflow/tfjs';
import {
  type BlurNetwork,
  boxMask,
  type ForwardOperator,
  gaussianBlur,
  highDynamicRange,
  identity,
  inpainting,
  type LinearOperator,
  motionBlur,
  motionKernel,
  nonlinearBlur,
  nonlinearKernel,
  phaseRetrieval,
  randomMask,
  superResolution,
} from 'spgd';
import type { Baseline } from './baselines/baseline';
import { bicubic } from './baselines/bicubic';
import { hybridInputOutput } from './baselines/hybrid-input-output';
import { linearInterpolation } from './baselines/linear-interpolation';
import { rescaled } from './baselines/rescaled';
import { wiener } from './baselines/wiener';
import { nearerHalfTurn } from './half-turn';

/** Height and width of an image in pixels. */
export interface Size {
  readonly height: number;
  readonly width: number;
}

/** What is degraded and restored. How it is restored is told by `chooseSettings`. */
export interface Task<Operator extends ForwardOperator = ForwardOperator> {
  /** What happened to the picture, for the help text. */
  readonly summary: string;
  /** The degradation of an image of this size. */
  operator(size: Size, seed: number): Operator;
  /** What of it was drawn or chosen, to be kept with a result: the mask, the kernel. */
  drawn?(size: Size, seed: number): Readonly<Record<string, tf.Tensor>>;
  /** Standard deviation of the noise on the [-1, 1] scale. */
  readonly noiseStd: number;
  readonly baseline: Baseline<Operator>;
  /**
   * A restored image as it is compared with the clean one: of the images that have the same
   * measurement, the nearest. As it is by default.
   */
  align?(images: tf.Tensor4D, clean: tf.Tensor4D): tf.Tensor4D;
  /** The measurement as a picture in [-1, 1]; as it is by default. */
  picture?(measurement: tf.Tensor4D): tf.Tensor4D;
}

/** An image as it is compared with the clean one; a tensor of its own. */
export const aligned = ({ align }: Pick<Task, 'align'>, images: tf.Tensor4D, clean: tf.Tensor4D) =>
  align?.(images, clean) ?? tf.clone(images);

/** Loosens the operator's type: what a task makes fits its own baseline. */
const linearTask = (task: Task<LinearOperator>): Task => task as unknown as Task;

/** The released blurs are for 256 x 256; small images take a quarter of their reach. */
const isSmall = ({ height, width }: Size) => Math.min(height, width) < 128;

/** Pixels missing where a mask is 0. */
const masked = (summary: string, mask: (size: Size, seed: number) => tf.Tensor4D): Task => ({
  summary,
  noiseStd: 0.01,
  operator: (size, seed) => inpainting({ mask: mask(size, seed) }),
  drawn: (size, seed) => ({ mask: mask(size, seed) }),
  baseline: linearInterpolation,
});

const shaken = (size: Size, seed: number): number[][] =>
  motionKernel({ kernelSize: isSmall(size) ? 15 : 61, intensity: 0.5, seed });

/** The logarithm of magnitudes, from black at 1/1000 of the largest to white. */
const logarithm = (y: tf.Tensor4D): tf.Tensor4D =>
  tf.tidy(() => {
    const decades = tf.div(tf.log(tf.add(tf.div(tf.abs(y), tf.max(tf.abs(y))), 1e-3)), Math.LN10);
    return tf.clipByValue(tf.add(tf.mul(decades, 2 / 3), 1) as tf.Tensor4D, -1, 1);
  });

/** The task that is shown when none is named. */
export const defaultTask = 'denoising';

/** Side and seed of a demo that names none. */
export const demoDefaults = { size: 96, seed: 0 } as const;

/** The tasks by their released names; denoising is ours. */
export const tasks: Readonly<Record<string, Task>> = {
  down_sampling: {
    summary: '4 times smaller',
    noiseStd: 0.01,
    operator: () => superResolution({ scale: 4 }),
    baseline: bicubic,
  },
  inpainting_rand: masked('80 % of the pixels missing', (size, seed) =>
    randomMask({ ...size, seed }),
  ),
  inpainting: masked('a box of half the size missing', ({ height, width }) =>
    boxMask({ height, width, boxHeight: height >> 1, boxWidth: width >> 1 }),
  ),
  gaussian_blur: linearTask({
    summary: 'blurred by a Gaussian',
    noiseStd: 0.01,
    operator: (size) =>
      gaussianBlur(isSmall(size) ? { kernelSize: 15, std: 1.5 } : { kernelSize: 61, std: 3 }),
    baseline: wiener,
  }),
  motion_blur: linearTask({
    summary: 'blurred by a moving camera',
    noiseStd: 0.01,
    operator: (size, seed) => motionBlur({ kernel: shaken(size, seed) }),
    drawn: (size, seed) => ({ kernel: tf.tensor2d(shaken(size, seed)) }),
    baseline: wiener,
  }),
  phase_retrieval: {
    summary: 'Fourier magnitudes only',
    noiseStd: 0.05,
    operator: () => phaseRetrieval({ oversample: 2 }),
    baseline: hybridInputOutput,
    align: nearerHalfTurn,
    picture: logarithm,
  },
  hdr: {
    summary: 'over-exposed twice',
    noiseStd: 0.05,
    operator: () => highDynamicRange({ scale: 2 }),
    baseline: rescaled(2),
  },
  denoising: linearTask({
    summary: 'noise of standard deviation 0.4',
    noiseStd: 0.4,
    operator: () => identity(),
    baseline: wiener,
  }),
};

/** The released nonlinear blur, which needs a network of its own. */
export const nonlinearBlurTask = (network: BlurNetwork): Task => ({
  summary: 'blurred by a learned network',
  noiseStd: 0.05,
  operator: (_, seed) => nonlinearBlur({ network, seed }),
  drawn: (size, seed) => ({ kernel: nonlinearKernel(network, { ...size, seed }) }),
  baseline: rescaled(1),
});
