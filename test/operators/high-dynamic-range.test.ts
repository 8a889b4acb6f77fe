import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { highDynamicRange } from '../../src/operators/high-dynamic-range';
import { useTestBackend } from '../support/backend';
import { errorNaming } from '../support/error-naming';
import { operatorLaws, referenceLaw } from './operator-laws';

/** The conditional mean, by a sum over four thousand values of x. */
function integrated(
  image: number,
  y: number,
  scale: number,
  { std, sigma }: { std: number; sigma: number },
): number {
  const xs = Array.from({ length: 4001 }, (_, i) => i / 2000 - 1);
  const costs = xs.map((x) => {
    const seen = Math.min(Math.max(scale * x, -1), 1);
    return ((y - seen) / std) ** 2 / 2 + ((x - image) / sigma) ** 2 / 2;
  });
  const least = Math.min(...costs);
  const weights = costs.map((cost) => Math.exp(least - cost));
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  return sum(xs.map((x, i) => x * weights[i]!)) / sum(weights);
}

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

  it('has the conditional mean that integration over [-1, 1] gives', () => {
    const [images, ys] = [
      [-1.4, -0.52, 0, 0.3, 0.5, 0.9, 1.6],
      [-1.1, -0.97, -0.4, 0, 0.6, 0.93, 1, 1.04],
    ];
    const pairs = images.flatMap((image) => ys.map((y) => [image, y] as const));
    const shape: [number, number, number, number] = [1, pairs.length, 1, 1];
    for (const scale of [2, 1.3, 0.5])
      for (const noise of [0.05, 0.4].flatMap((std) =>
        [0.03, 0.3, 2, Infinity].map((sigma) => ({ std, sigma })),
      )) {
        const means = tf.tidy(() => {
          const [image, y] = [0, 1].map((at) =>
            tf.tensor4d(
              pairs.map((pair) => pair[at]!),
              shape,
            ),
          );
          return highDynamicRange({ scale }).conditionalMean(image!, y!, noise).dataSync();
        });
        const expected = pairs.map(([image, y]) => integrated(image, y, scale, noise));
        for (const [k, mean] of means.entries())
          expect(
            Math.abs(mean - expected[k]!),
            `${pairs[k]} ${JSON.stringify(noise)}`,
          ).toBeLessThan(0.002);
      }
  });

  it('fits y without noise, and lets a value that was cut off be anything from the edge on', () => {
    tf.tidy(() => {
      const y = tf.tensor4d([-1, -0.5, 0.5, 1], [1, 2, 2, 1]);
      const known = { std: 0, sigma: Infinity };
      const { conditionalMean } = highDynamicRange();
      const start = conditionalMean(tf.zerosLike(y), y, known).dataSync();
      for (const [k, value] of [-0.75, -0.25, 0.25, 0.75].entries())
        expect(start[k]).toBeCloseTo(value, 2);
    });
  });

  it('names the option, the rule and the value that broke it', () => {
    expect(() => highDynamicRange({ scale: 0 })).toThrow(
      errorNaming('RangeError', 'highDynamicRange: scale', '> 0', 'got 0'),
    );
  });
});
