import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { highDynamicRange } from '../../src/operators/high-dynamic-range';
import { useTestBackend } from '../support/backend';
import { errorNaming } from '../support/error-naming';
import { operatorLaws, referenceLaw } from './operator-laws';

describe('highDynamicRange', () => {
  useTestBackend('cpu');

  operatorLaws({ make: () => ({ operator: highDynamicRange({ scale: 2 }) }) }, { linear: false });

  referenceLaw('operator-high-dynamic-range', () => ({ operator: highDynamicRange({ scale: 2 }) }));

  it('cuts off what it lifts past [-1, 1], where its gradient is 0', () => {
    tf.tidy(() => {
      const x = tf.tensor4d([-0.8, -0.25, 0.25, 0.8], [1, 2, 2, 1]);
      const operator = highDynamicRange();
      expect(Array.from(operator.forward(x).dataSync())).toEqual([-1, -0.5, 0.5, 1]);
      const gradient = tf.grad((at) => operator.forward(at as tf.Tensor4D))(x);
      expect(Array.from(gradient.dataSync())).toEqual([0, 2, 2, 0]);
    });
  });

  it('names the option, the rule and the value that broke it', () => {
    expect(() => highDynamicRange({ scale: 0 })).toThrow(
      errorNaming('RangeError', 'highDynamicRange: scale', '> 0', 'got 0'),
    );
  });
});
