import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { affineMap } from '../../../src/models/graph/ops/affine-map';
import { testBackends, useTestBackend } from '../../support/backend';
import { maxError } from '../../support/close';

// Small and large maps, one item and two: each has a kernel of its own somewhere.
const shapes: [number, number, number, number][] = [
  [1, 31, 37, 32],
  [2, 31, 37, 32],
  [1, 96, 113, 64],
];

describe.each(testBackends)('an affine map of the channels on %s', (backend) => {
  useTestBackend(backend);

  it.each(shapes)('is x gain + offset for %i x %i x %i x %i', (...shape) => {
    const [batch, , , channels] = shape;
    const x = tf.randomNormal(shape, 0, 1, 'float32', 1) as Tensor4D;
    const row = (seed: number): Tensor =>
      tf.randomNormal([batch, 1, 1, channels], 0, 1, 'float32', seed);
    const [gain, offset] = [row(2), row(3)];
    const before = tf.memory().numTensors;
    const value = affineMap(x, gain, offset);
    expect(tf.memory().numTensors).toBe(before + 1);
    expect(
      maxError(
        value,
        tf.tidy(() => tf.add(tf.mul(x, gain), offset)),
      ),
    ).toBeLessThan(1e-5);
    tf.dispose([x, gain, offset, value]);
  });
});
