import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkPositive } from '../internal/check';
import { checkImage } from './check-image';
import type { ConditionalOperator } from './operator';
import { truncated } from './truncated-normal';

/** Options of `highDynamicRange`. */
export interface HighDynamicRangeOptions {
  /**
   * Exposure factor, > 0: what it lifts past [-1, 1] is cut off.
   * @default 2
   */
  scale?: number;
}

/** Noise below this is taken for it: an exact y divides by 0. */
const leastStd = 1e-4;

/** A wider distribution is taken for this one: over [-1, 1] both are flat. */
const greatestSigma = 20;

/**
 * Over-exposure: `y = clip(scale * x, -1, 1)`, with gradient 0 where it clips. Not linear.
 *
 * Takes and gives `[batch, height, width, channels]`, values in [-1, 1]. Throws `RangeError` for a
 * scale <= 0. `conditionalMean` relies on the range of x: a value that was cut off lies between the edge and 1.
 *
 * Reference: Mardani et al., A variational perspective on solving inverse problems, 2023.
 */
export function highDynamicRange({ scale = 2 }: HighDynamicRangeOptions = {}): ConditionalOperator {
  checkPositive('highDynamicRange', 'scale', scale);
  const edge = Math.min(1 / scale, 1);
  return {
    name: 'highDynamicRange',
    reach: 0,
    forward(x) {
      checkImage('highDynamicRange', 'x', x);
      return tf.tidy(() => tf.clipByValue(tf.mul(x, scale) as Tensor4D, -1, 1));
    },
    // The mean over three cases, by how probable they are: not cut off, cut off above, below.
    conditionalMean(image, y, { std, sigma }) {
      return tf.tidy(() => {
        const ofNoise = Math.max(std, leastStd) ** 2;
        const ofImage = Math.min(sigma, greatestSigma) ** 2;
        const variance = 1 / (scale ** 2 / ofNoise + 1 / ofImage);
        const sum = tf.add(tf.mul(y, scale / ofNoise), tf.div(image, ofImage));
        const fitted = { mean: tf.mul<Tensor4D>(sum, variance), std: Math.sqrt(variance) };
        const free = { mean: image, std: Math.sqrt(ofImage) };
        const kept = {
          part: truncated(fitted, -edge, edge),
          misfit: tf.sub(y, tf.mul(image, scale)),
          of: ofNoise + scale ** 2 * ofImage,
        };
        if (scale <= 1) return kept.part.mean;
        const cases = [
          kept,
          { part: truncated(free, edge, 1), misfit: tf.sub(y, 1), of: ofNoise },
          { part: truncated(free, -1, -edge), misfit: tf.add(y, 1), of: ofNoise },
        ];
        const logEvidence = cases.map(({ part, misfit, of }) =>
          tf.sub(part.logMass, tf.add(tf.div(tf.square(misfit), 2 * of), Math.log(of) / 2)),
        );
        const shares = tf.softmax(tf.stack(logEvidence, -1));
        const means = tf.stack(
          cases.map(({ part }) => part.mean),
          -1,
        );
        return tf.sum<Tensor4D>(tf.mul(shares, means), -1);
      });
    },
  };
}
