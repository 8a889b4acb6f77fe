import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { averagePooling } from '../../src/operators/average-pooling';
import { dampedInverse } from '../../src/operators/damped-inverse';
import { motionBlur } from '../../src/operators/motion-blur';
import type { SolvableOperator } from '../../src/operators/operator';
import { superResolution } from '../../src/operators/super-resolution';
import { testBackends, useTestBackend } from '../support/backend';
import { normError } from '../support/close';

const image = (shape: [number, number, number, number]): Tensor4D =>
  tf.randomNormal(shape, 0, 1, 'float32', 5);

describe.each(testBackends)('dampedInverse on %s', (backend) => {
  useTestBackend(backend);

  const operators: Record<string, { operator: SolvableOperator; size: [number, number] }> = {
    'with singular values': { operator: superResolution({ scale: 2 }), size: [15, 18] },
    without: {
      operator: motionBlur({
        kernel: [
          [0, 0, 0],
          [0.2, 0.6, 0.2],
          [0, 0, 0],
        ],
      }),
      size: [8, 9],
    },
  };

  it.each(Object.keys(operators))("is A' of the solution of (A A' + d I) c = r, %s", (name) => {
    const { operator, size } = operators[name]!;
    tf.tidy(() => {
      const c = image([2, ...size, 1]);
      const change = operator.adjoint(c);
      const r = tf.add<Tensor4D>(operator.forward(change), tf.mul(c, 0.2));
      expect(normError(dampedInverse(operator, r, 0.2), change)).toBeLessThan(1e-4);
    });
  });

  it('stays near the pseudo-inverse where the damping is as small as rounding', () => {
    tf.tidy(() => {
      const operator = averagePooling({ scale: 3 });
      const r = image([1, 10, 12, 1]);
      const change = dampedInverse(operator, r, 1e-8);
      expect(normError(change, operator.pseudoInverse(r))).toBeLessThan(1e-5);
      expect(normError(dampedInverse(operator, r, 0), change)).toBeLessThan(1e-5);
    });
  });

  it('leaves one tensor', () => {
    const r = image([1, 4, 6, 1]);
    const start = tf.memory().numTensors;
    for (const damping of [0, 0.1]) {
      const change = dampedInverse(averagePooling({ scale: 2 }), r, damping);
      expect(tf.memory().numTensors).toBe(start + 1);
      change.dispose();
    }
    r.dispose();
  });
});
