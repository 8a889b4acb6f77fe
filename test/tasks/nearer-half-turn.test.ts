import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { phaseRetrieval } from 'spgd';
import { nearerHalfTurn } from 'spgd/tasks';
import { expect, test } from 'vitest';
import { useTestBackend } from '../support/backend';
import { maxError } from '../support/close';

useTestBackend('wasm');

const random = (seed: number): Tensor4D =>
  tf.randomUniform([2, 8, 6, 3], -1, 1, 'float32', seed) as Tensor4D;

/** The second channel of the second image turned by 180 degrees. */
const oneTurned = (x: Tensor4D): Tensor4D => {
  const mask = tf.oneHot(tf.tensor1d([4], 'int32'), 6).reshape([2, 1, 1, 3]);
  return tf.where(tf.cast(mask, 'bool'), tf.reverse(x, [1, 2]), x);
};

test('turns back the channels that were turned, and no others', () => {
  const x = random(1);
  const noisy = tf.add(x, tf.mul(random(2), 0.1)) as Tensor4D;
  expect(maxError(nearerHalfTurn(oneTurned(noisy), x), noisy)).toBe(0);
  expect(maxError(nearerHalfTurn(noisy, x), noisy)).toBe(0);
});

test('never changes what phase retrieval measures', () => {
  const [x, other] = [random(3), random(4)];
  const { forward } = phaseRetrieval();
  expect(maxError(forward(nearerHalfTurn(x, other)), forward(x))).toBeLessThan(1e-5);
  expect(maxError(nearerHalfTurn(x, other), x)).toBeGreaterThan(0.1);
});
