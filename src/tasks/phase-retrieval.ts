import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { phaseRetrieval } from 'spgd';
import { hybridInputOutput } from './baselines/hybrid-input-output';
import { nearerHalfTurn } from './nearer-half-turn';
import { unphased } from './quality';
import type { Task } from './task';

/** The logarithm of magnitudes, from black at 1/1000 of the largest to white. */
const logarithm = (y: Tensor4D): Tensor4D =>
  tf.tidy(() => {
    const decades = tf.div(tf.log(tf.add(tf.div(tf.abs(y), tf.max(tf.abs(y))), 1e-3)), Math.LN10);
    return tf.clipByValue(tf.add(tf.mul(decades, 2 / 3), 1) as Tensor4D, -1, 1);
  });

/** Recovering an image from the magnitudes of its Fourier transform. */
export const phaseRetrievalTask: Task = {
  name: 'phase-retrieval',
  summary: 'Fourier magnitudes only',
  describedBy: [],
  noiseStd: 0.05,
  settings: { learningRate: 2 },
  methods: unphased,
  baseline: hybridInputOutput,
  operator: () => phaseRetrieval({ oversample: 2 }),
  align: nearerHalfTurn,
  picture: logarithm,
};
