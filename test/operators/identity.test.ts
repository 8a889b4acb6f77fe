import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { identity } from '../../src/operators/identity';
import { useTestBackend } from '../support/backend';
import { operatorLaws } from './operator-laws';

describe('identity', () => {
  useTestBackend('cpu');

  operatorLaws({ make: () => ({ operator: identity() }) }, { linear: true, spectrum: true });

  it('gives a tensor that can be disposed without losing x', () => {
    const x = tf.tensor4d([1, 2], [1, 1, 2, 1]);
    identity().forward(x).dispose();
    expect(Array.from(x.dataSync())).toEqual([1, 2]);
    x.dispose();
  });
});
