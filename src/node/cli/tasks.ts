import * as tf from '@tensorflow/tfjs';
import {
  boxMask,
  type ForwardOperator,
  gaussianBlur,
  highDynamicRange,
  identity,
  inpainting,
  type LinearOperator,
  motionBlur,
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

/** What the demo degrades and restores, and how. */
export interface Task<Operator extends ForwardOperator = ForwardOperator> {
  /** What happened to the picture, for the help text. */
  readonly summary: string;
  /** The degradation of a square image with sides of `size` pixels. */
  operator(size: number, seed: number): Operator;
  /** Standard deviation of the noise on the [-1, 1] scale. */
  readonly noiseStd: number;
  /** First noise level; the bundled prior is at its best below about 3. */
  readonly sigmaMax: number;
  readonly steps: number;
  readonly warmupSteps: number;
  readonly learningRate: number;
  readonly decay: number;
  readonly momentum: number;
  readonly baseline: Baseline<Operator>;
  /** The measurement as a picture in [-1, 1]; as it is by default. */
  picture?(measurement: tf.Tensor4D): tf.Tensor4D;
}

/** Loosens the operator's type: what a task makes fits its own baseline. */
const linearTask = (task: Task<LinearOperator>): Task => task as unknown as Task;

const whole = (size: number) => ({ height: size, width: size });

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

/** What most tasks share. */
const usual = {
  noiseStd: 0.01,
  sigmaMax: 3,
  steps: 20,
  warmupSteps: 5,
  momentum: 0.9,
} as const;

/** The demo's tasks by name, for an image of about 64 x 64 pixels. */
export const tasks: Readonly<Record<string, Task>> = {
  'super-resolution': {
    summary: '4 times smaller',
    ...usual,
    operator: () => superResolution({ scale: 4 }),
    learningRate: 3,
    decay: 0.99,
    baseline: bicubic,
  },
  'random-inpainting': {
    summary: '80 % of the pixels missing',
    ...usual,
    operator: (size, seed) => inpainting({ mask: randomMask({ ...whole(size), seed }) }),
    learningRate: 0.5,
    decay: 0,
    baseline: linearInterpolation,
  },
  'box-inpainting': {
    summary: 'a box of half the size missing',
    ...usual,
    operator: (size) => {
      const box = { boxHeight: size >> 1, boxWidth: size >> 1 };
      return inpainting({ mask: boxMask({ ...whole(size), ...box }) });
    },
    learningRate: 0.5,
    decay: 0,
    baseline: linearInterpolation,
  },
  'gaussian-blur': linearTask({
    summary: 'blurred by a Gaussian',
    ...usual,
    operator: () => gaussianBlur({ kernelSize: 15, std: 1.5 }),
    learningRate: 1,
    decay: 0.5,
    baseline: wiener,
  }),
  'motion-blur': linearTask({
    summary: 'blurred by a moving camera',
    ...usual,
    operator: (_, seed) => motionBlur({ kernelSize: 15, intensity: 0.5, seed }),
    learningRate: 1,
    decay: 0.5,
    baseline: wiener,
  }),
  'phase-retrieval': {
    summary: 'Fourier magnitudes only',
    ...usual,
    operator: () => phaseRetrieval({ oversample: 2 }),
    noiseStd: 0.05,
    learningRate: 0.5,
    decay: 0.5,
    baseline: hybridInputOutput,
    picture: logarithm,
  },
  hdr: {
    summary: 'over-exposed twice',
    ...usual,
    operator: () => highDynamicRange({ scale: 2 }),
    noiseStd: 0.05,
    learningRate: 0.1,
    decay: 0,
    momentum: 0,
    baseline: rescaled(2),
  },
  denoising: linearTask({
    summary: 'noise of standard deviation 0.4',
    ...usual,
    operator: () => identity(),
    noiseStd: 0.4,
    steps: 10,
    warmupSteps: 3,
    learningRate: 0.3,
    decay: 0.99,
    baseline: wiener,
  }),
};
