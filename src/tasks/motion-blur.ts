import * as tf from '@tensorflow/tfjs';
import { type LinearOperator, motionBlur, motionKernel } from 'spgd';
import { wiener } from './baselines/wiener';
import { proximal } from './quality';
import { type Damage, isSmall, type Size, type Task } from './task';

const kernelOf = (size: Size, { kernel, seed = 0 }: Damage = {}): number[][] =>
  kernel ?? motionKernel({ kernelSize: isSmall(size) ? 15 : 61, intensity: 0.5, seed });

/** Undoing the blur of a moving camera. */
export const motionBlurTask: Task<LinearOperator> = {
  name: 'motion-blur',
  summary: 'blurred by a moving camera',
  describedBy: ['kernel'],
  noiseStd: 0.01,
  settings: { learningRate: 1 },
  methods: proximal,
  baseline: wiener,
  operator: (size, damage) => motionBlur({ kernel: kernelOf(size, damage) }),
  drawn: (size, damage) => ({ kernel: tf.tensor2d(kernelOf(size, damage)) }),
};
