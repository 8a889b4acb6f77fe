import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { inpainting } from '../../src/operators/inpainting';
import { randomMask } from '../../src/operators/random-mask';
import { useTestBackend } from '../support/backend';
import { errorNaming } from '../support/error-naming';
import { operatorLaws, referenceLaw } from './operator-laws';

describe('inpainting', () => {
  useTestBackend('cpu');

  operatorLaws(
    {
      make: ([, height, width]) => {
        const mask = randomMask({ height, width, missing: 0.6, seed: 1 });
        return { operator: inpainting({ mask }), borrowed: mask };
      },
    },
    { linear: true, spectrum: true },
  );

  for (const name of ['operator-inpainting-random', 'operator-inpainting-box'])
    referenceLaw(name, (fixture) => {
      const mask = fixture.tensor<tf.Rank.R4>('mask');
      return { operator: inpainting({ mask }), borrowed: mask };
    });

  it('takes a mask of its own for each item and channel', () => {
    tf.tidy(() => {
      const mask = tf.tensor4d([1, 0, 0, 1], [2, 1, 1, 2]);
      const y = inpainting({ mask }).forward(tf.tensor4d([5, 6, 7, 8], [2, 1, 1, 2]));
      expect(Array.from(y.dataSync())).toEqual([5, 0, 0, 8]);
    });
  });

  it('gives the closed forms of pseudo-inverse and solver', () => {
    tf.tidy(() => {
      const mask = tf.tensor4d([1, 0], [1, 1, 2, 1]);
      const operator = inpainting({ mask });
      const y = tf.tensor4d([3, 4], [1, 1, 2, 1]);
      expect(Array.from(operator.pseudoInverse!(y).dataSync())).toEqual([3, 0]);
      expect(Array.from(operator.solve!(y, 0.5).dataSync())).toEqual([2, 8]);
    });
  });

  it('leaves the mask to its owner', () => {
    const mask = randomMask({ height: 3, width: 4 });
    tf.tidy(() => inpainting({ mask }).forward(tf.ones([1, 3, 4, 1])));
    expect(mask.isDisposed).toBe(false);
    mask.dispose();
  });

  it('names the option, the rule and the value that broke it', () => {
    tf.tidy(() => {
      const flat = tf.ones([4, 4]) as unknown as tf.Tensor4D;
      expect(() => inpainting({ mask: flat })).toThrow(
        errorNaming(
          'TypeError',
          'inpainting: mask',
          '[batch, height, width, channels]',
          'got [4, 4]',
        ),
      );
      const operator = inpainting({ mask: tf.ones([1, 4, 4, 1]) });
      const x = tf.zeros<tf.Rank.R4>([1, 4, 5, 3]);
      expect(() => operator.forward(x)).toThrow(
        errorNaming(
          'RangeError',
          'inpainting: x.shape',
          '[batch, 4, 4, channels]',
          'got [1, 4, 5, 3]',
        ),
      );
      const three = inpainting({ mask: tf.ones([2, 4, 5, 3]) });
      expect(() => three.forward(x)).toThrow(
        errorNaming('RangeError', 'inpainting: x.shape', '[2, 4, 5, 3]', 'got [1, 4, 5, 3]'),
      );
    });
  });
});
