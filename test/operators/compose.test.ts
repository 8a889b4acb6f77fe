import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { compose } from '../../src/operators/compose';
import { gaussianBlur } from '../../src/operators/gaussian-blur';
import { highDynamicRange } from '../../src/operators/high-dynamic-range';
import { phaseRetrieval } from '../../src/operators/phase-retrieval';
import { superResolution } from '../../src/operators/super-resolution';
import { useTestBackend } from '../support/backend';
import { maxError } from '../support/close';
import { errorNaming } from '../support/error-naming';
import { operatorLaws } from './operator-laws';

const blur = gaussianBlur({ kernelSize: 7, std: 1 });
const half = superResolution({ scale: 2 });

describe('compose', () => {
  useTestBackend('cpu');

  describe('of linear operators', () => {
    operatorLaws(
      { shapes: [[2, 28, 36, 3]], make: () => ({ operator: compose(half, blur) }) },
      { linear: true },
    );
  });

  describe('with one that is not linear', () => {
    operatorLaws(
      {
        shapes: [[2, 28, 36, 3]],
        make: () => ({ operator: compose(highDynamicRange(), half, blur) }),
      },
      { linear: false },
    );
  });

  it('runs the outermost last', () => {
    tf.tidy(() => {
      const x = tf.randomUniform<tf.Rank.R4>([1, 12, 16, 2], -1, 1, 'float32', 3);
      const composed = compose(half, highDynamicRange(), blur);
      const byHand = half.forward(highDynamicRange().forward(blur.forward(x)));
      expect(maxError(composed.forward(x), byHand)).toBe(0);
      expect(composed.name).toBe('superResolution of highDynamicRange of gaussianBlur');
      expect('adjoint' in composed).toBe(false);
    });
  });

  it('finds the image shape through every operator', () => {
    const operator = compose(phaseRetrieval({ oversample: 2 }), half);
    expect(operator.imageShape!([1, 48, 96, 3])).toEqual([1, 64, 128, 3]);
  });

  it('refuses nothing to compose', () => {
    // @ts-expect-error: at least one operator is required
    expect(() => compose()).toThrow(
      errorNaming('RangeError', 'compose: operators', 'at least one', 'got []'),
    );
  });
});
