import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { linear } from '../../src/operators/linear';
import type { Shape4D } from '../../src/operators/operator';
import { useTestBackend } from '../support/backend';
import { maxError, normError } from '../support/close';
import { errorNaming } from '../support/error-naming';
import { operatorLaws } from './operator-laws';

/** Columns weighed, neighbours averaged, channels mixed: tfjs operations only. */
const forward = (x: Tensor4D): Tensor4D =>
  tf.tidy(() => {
    const mean = tf.avgPool(x, [3, 2], 1, 'valid');
    const weights = tf.linspace(0.5, 1.5, mean.shape[2]).reshape([1, 1, -1, 1]);
    return tf.sub(tf.mul(mean, weights), tf.mul(tf.reverse(mean, 3), 0.3)) as Tensor4D;
  });

const imageOf = ([, height, width, channels]: Shape4D) => [height, width, channels] as const;

describe('linear', () => {
  useTestBackend('cpu');

  operatorLaws(
    { make: (shape) => ({ operator: linear(forward, imageOf(shape)) }) },
    { linear: true },
  );

  it('has an adjoint that works inside a gradient, forward and back, at any depth', () => {
    const start = tf.memory().numTensors;
    tf.tidy(() => {
      const operator = linear(forward, [9, 8, 2]);
      const x = tf.randomUniform<tf.Rank.R4>([2, 9, 8, 2], -1, 1, 'float32', 3);
      // |A'A x|² has the gradient 2 A'A A'A x.
      const normal = (at: Tensor4D) => operator.adjoint(operator.forward(at));
      const gradient = tf.grad((at) => tf.sum(tf.square(normal(at as Tensor4D))))(x);
      expect(normError(gradient, tf.mul(normal(normal(x)), 2))).toBeLessThan(1e-5);
      const second = tf.grad((v) =>
        tf.sum(tf.square(tf.grad((at) => tf.sum(tf.square(operator.adjoint(at as Tensor4D))))(v))),
      );
      const y = operator.forward(x);
      const back = (at: Tensor4D) => operator.forward(operator.adjoint(at));
      expect(normError(second(y), tf.mul(back(back(y)), 8))).toBeLessThan(1e-5);
    });
    expect(tf.memory().numTensors).toBe(start);
  });

  it('has a solver that works inside a gradient: it is its own', () => {
    tf.tidy(() => {
      const operator = linear(forward, [9, 8, 2]);
      const b = tf.randomUniform<tf.Rank.R4>([1, 9, 8, 2], -1, 1, 'float32', 4);
      const cotangent = tf.randomUniform<tf.Rank.R4>([1, 9, 8, 2], -1, 1, 'float32', 5);
      const gradient = tf.grad((at) => operator.solve!(at as Tensor4D, 0.2))(b, cotangent);
      expect(normError(gradient, operator.solve!(cotangent, 0.2))).toBeLessThan(1e-4);
    });
  });

  it('takes a shape with a batch, which it ignores', () => {
    tf.tidy(() => {
      const x = tf.ones<tf.Rank.R4>([3, 9, 8, 2]);
      const four = linear(forward, [1, 9, 8, 2]);
      expect(maxError(four.forward(x), linear(forward, [9, 8, 2]).forward(x))).toBe(0);
      expect(four.imageShape!([3, 7, 7, 2])).toEqual([3, 9, 8, 2]);
    });
  });

  it('names the option, the rule and the value that broke it', () => {
    const wrong = 'blur' as unknown as typeof forward;
    expect(() => linear(wrong, [9, 8, 2])).toThrow(
      errorNaming('TypeError', 'linear: forward', 'a function', 'got string'),
    );
    expect(() => linear(forward, [9, 0, 2])).toThrow(
      errorNaming('RangeError', 'linear: shape', '[height, width, channels]', 'got [9, 0, 2]'),
    );
    expect(() => linear(forward, [9, 8, 2], { iterations: 0 })).toThrow(
      errorNaming('RangeError', 'linear: iterations', 'integer', '>= 1', 'got 0'),
    );
    tf.tidy(() => {
      const operator = linear(forward, [9, 8, 2], { name: 'mine' });
      const x = tf.ones<tf.Rank.R4>([1, 9, 9, 2]);
      expect(() => operator.forward(x)).toThrow(
        errorNaming('RangeError', 'mine: x.shape', '[batch, 9, 8, 2]', 'got [1, 9, 9, 2]'),
      );
    });
  });
});
