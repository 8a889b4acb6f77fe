import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { defocusBlur } from '../../src/operators/defocus-blur';
import { gaussianBlur } from '../../src/operators/gaussian-blur';
import { motionBlur } from '../../src/operators/motion-blur';
import { regionalBlur } from '../../src/operators/regional-blur';
import { useTestBackend } from '../support/backend';
import { maxError } from '../support/close';
import { errorNaming } from '../support/error-naming';
import { operatorLaws } from './operator-laws';

const soft = gaussianBlur({ kernelSize: 7, std: 1 });
const disc = defocusBlur({ radius: 2.4 });
const streak = motionBlur({ kernelSize: 9, intensity: 0.5, seed: 2 });

/** Weights that fall from left to right, from the right, and from the middle; of sum 1. */
const weightsOf = (height: number, width: number): tf.Tensor4D =>
  tf.tidy(() => {
    const across = tf.tile(tf.reshape(tf.linspace(0, 1, width), [1, 1, width, 1]), [
      1,
      height,
      1,
      1,
    ]);
    const left = tf.square(tf.sub(1, across));
    const right = tf.square(across);
    return tf.concat([left, right, tf.sub(1, tf.add(left, right))], 3) as tf.Tensor4D;
  });

describe('regionalBlur', () => {
  useTestBackend('cpu');

  operatorLaws(
    {
      make: ([, height, width]) => {
        const weights = weightsOf(height, width);
        return {
          operator: regionalBlur({ blurs: [soft, disc, streak], weights }),
          borrowed: weights,
        };
      },
    },
    { linear: true },
  );

  it('has at each pixel the blur of its region', () => {
    tf.tidy(() => {
      const x = tf.randomUniform<tf.Rank.R4>([1, 20, 24, 2], -1, 1, 'float32', 5);
      const left = tf.concat<tf.Tensor4D>([tf.ones([1, 20, 10, 1]), tf.zeros([1, 20, 14, 1])], 2);
      const weights = tf.concat<tf.Tensor4D>([left, tf.sub<tf.Tensor4D>(1, left)], 3);
      const y = regionalBlur({ blurs: [soft, disc], weights }).forward(x);
      const part = (image: tf.Tensor4D, from: number, size: number) =>
        tf.slice(image, [0, 0, from, 0], [1, 20, size, 2]);
      expect(maxError(part(y, 0, 10), part(soft.forward(x), 0, 10))).toBe(0);
      expect(maxError(part(y, 10, 14), part(disc.forward(x), 10, 14))).toBe(0);
    });
  });

  it('names the option, the rule and the value that broke it', async () => {
    const weights = weightsOf(20, 24);
    expect(() => regionalBlur({ blurs: [soft], weights })).toThrow(
      errorNaming(
        'RangeError',
        'regionalBlur: weights.shape',
        '[1, height, width, 1], with one weight for each blur',
        'got [1, 20, 24, 3]',
      ),
    );
    const operator = regionalBlur({ blurs: [soft, disc, streak], weights });
    tf.tidy(() => {
      expect(() => operator.forward(tf.ones([1, 20, 25, 1]))).toThrow(
        errorNaming(
          'RangeError',
          'regionalBlur: x.shape',
          '[batch, 20, 24, channels]',
          'got [1, 20, 25, 1]',
        ),
      );
    });
    weights.dispose();
    const broken = tf.fill<tf.Rank.R4>([1, 9, 9, 1], Number.NaN);
    await expect(regionalBlur({ blurs: [soft], weights: broken }).check!()).rejects.toThrow(
      'regionalBlur: weights must be finite',
    );
    broken.dispose();
  });
});
