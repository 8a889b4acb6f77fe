import * as tf from '@tensorflow/tfjs';
import {
  averagePooling,
  circularBlur,
  countPasses,
  type Denoiser,
  dpir,
  dpirSchedule,
  gaussianBlur,
  gaussianNoise,
  inpainting,
  type SpectralOperator,
  sample,
  spgd,
} from 'spgd';
import { describe, expect, it } from 'vitest';
import { useTestBackend } from '../support/backend';
import { maxError } from '../support/close';
import {
  apply,
  type Column,
  combine,
  dense,
  eye,
  inverse,
  mix,
  product,
  transpose,
} from '../support/dense';
import { correlatedPrior, gain, type Moments, matrixOf, type Size } from './affine';
import { samplerLaws } from './sampler-laws';

const size: Size = [4, 6];
const pixels = 24;
const std = 0.05;
const prior: Moments = {
  mean: Array.from({ length: pixels }, (_, i) => 0.4 * Math.cos(i)),
  covariance: dense(
    pixels,
    pixels,
    (i, j) => 0.5 * Math.exp(-((i - j) ** 2) / 8) + (i === j ? 0.05 : 0),
  ),
};
const operators: Record<string, () => SpectralOperator> = {
  inpainting: () =>
    inpainting({
      mask: tf.tensor4d(
        Array.from({ length: pixels }, (_, i) => (i % 3 ? 1 : 0)),
        [1, ...size, 1],
      ),
    }),
  averagePooling: () => averagePooling({ scale: 2 }),
  gaussianBlur: () => gaussianBlur({ kernelSize: 3, std: 0.6 }),
  circularBlur: () =>
    circularBlur({
      kernel: [
        [0, 0.1, 0],
        [0.3, 0.4, 0],
        [0.1, 0, 0.1],
      ],
    }),
};

describe('dpir', () => {
  useTestBackend('cpu');
  samplerLaws(dpir as never, { isDeterministic: true });

  it.each([
    ['with the lambda of the paper', undefined, 0.23],
    ['with another lambda', 2, 2],
  ])(
    'alternates the solution of the normal equations and the denoiser, %s',
    async (_, given, lambda) => {
      for (const make of Object.values(operators)) {
        const operator = make();
        const A = matrixOf(operator, size);
        const y = A.map((_, i) => Math.sin(i + 1));
        const measurement = tf.tensor4d(y, operator.forward(tf.zeros([1, ...size, 1])).shape);
        const schedule = dpirSchedule({ noiseStd: std, steps: 5 });
        const problem = {
          denoiser: correlatedPrior(prior, size),
          operator,
          measurement,
          noise: gaussianNoise(std),
        };
        const { sample: got } = await sample(dpir({ lambda: given }), problem, { schedule });

        let z: Column = new Array(pixels).fill(0);
        for (const sigma of schedule.slice(0, -1)) {
          const rho = (lambda * std ** 2) / sigma ** 2;
          const normal = combine(1, product(transpose(A), A), rho, eye(pixels));
          const x = apply(inverse(normal), mix(1, apply(transpose(A), y), rho, z));
          const K = gain(prior.covariance, sigma);
          z = mix(1, prior.mean, 1, apply(K, mix(1, x, -1, prior.mean)));
        }
        expect(maxError(got, z)).toBeLessThan(1e-4);
      }
    },
  );

  it('fits the measurement exactly where it has no noise', async () => {
    const operator = operators.inpainting!();
    const measurement = operator.forward(tf.randomUniform([1, ...size, 1], -1, 1, 'float32', 3));
    const seen: tf.Tensor[] = [];
    const denoiser: Denoiser = {
      denoise(x) {
        seen.push(tf.keep(operator.forward(x)));
        return tf.clone(x);
      },
    };
    const problem = { denoiser, operator, measurement, noise: gaussianNoise(0) };
    await sample(dpir(), problem, { schedule: [0.3, 0.1, 0] });
    expect(seen.map((fitted) => maxError(fitted, measurement))).toEqual([
      expect.closeTo(0, 6),
      expect.closeTo(0, 6),
    ]);
  });

  it('takes one network pass a step, without a gradient, and cannot be wrapped by spgd', async () => {
    const passes = await countPasses(dpir() as never, dpirSchedule({ noiseStd: std }));
    expect(passes).toEqual(Array.from({ length: 8 }, () => ({ denoise: 1, gradient: 0 })));
    // @ts-expect-error dpir is not at the noise level
    expect(() => spgd(dpir(), { learningRate: 1 })).toThrow(
      'spgd: base must be a sampler with atNoiseLevel, got dpir',
    );
    expect(() => dpir({ lambda: 0 })).toThrow('dpir: lambda must be a number > 0, got 0');
  });
});
