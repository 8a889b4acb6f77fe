import * as tf from '@tensorflow/tfjs';
import {
  adamDps,
  daps,
  dps,
  edmSchedule,
  gaussianNoise,
  gaussianPrior,
  identity,
  type LinearOperator,
  mpgd,
  pnpDm,
  redDiff,
  type Sampler,
  sample,
  sitcom,
  superResolution,
} from 'spgd';
import { describe, expect, it } from 'vitest';
import { useTestBackend } from '../support/backend';
import { apply, combine, eye, inverse, mix, product, transpose } from '../support/dense';
import { matrixOf, type Size } from './affine';

const size: Size = [4, 6];
const pixels = 24;
const batch = 32;
const prior = { mean: 0.2, std: 0.6 };
const std = 0.1;
const operators = { superResolution: superResolution({ scale: 2 }), identity: identity() };

/** Levels of a run, and how much nearer than the prior mean the mean over seeds must come. */
interface Case {
  readonly make: () => Sampler;
  readonly steps: number;
  readonly sigmaMin: number;
  readonly factor: number;
}

const guided = { steps: 60, sigmaMin: 0.02 };
const annealed = { steps: 15, sigmaMin: 0.1 };
const inner = { odeSteps: 3, innerSteps: 8, learningRate: 4e-3, decay: 0, tau: Math.SQRT2 * std };

const cases: Record<string, Case> = {
  dps: { make: () => dps({ zeta: 0.3 }), ...guided, factor: 0.35 },
  'dps on the ODE': { make: () => dps({ zeta: 0.3, eta: 0 }), ...guided, factor: 0.25 },
  adamDps: { make: () => adamDps() as unknown as Sampler, ...guided, factor: 0.6 },
  mpgd: { make: () => mpgd({ scale: 0.5 }), ...guided, factor: 0.3 },
  sitcom: {
    make: () => sitcom({ innerSteps: 10 }),
    ...{ steps: 15, sigmaMin: 0.02, factor: 0.35 },
  },
  daps: { make: () => daps(inner), ...annealed, factor: 0.25 },
  'daps by HMC': { make: () => daps({ ...inner, momentum: 0.5 }), ...annealed, factor: 0.25 },
  redDiff: { make: () => redDiff() as unknown as Sampler, ...guided, factor: 0.25 },
  pnpDm: { make: () => pnpDm({ rhoMin: 0.1, denoiseSteps: 8 }), ...annealed, factor: 0.25 },
};

/** y, and how far the posterior mean lies from that of the prior. */
function posterior(operator: LinearOperator) {
  const A = matrixOf(operator, size);
  const m = new Array(pixels).fill(prior.mean);
  const y = A.map((_, i) => prior.mean + Math.sin(i + 1));
  const data = combine(1 / std ** 2, product(transpose(A), A), 0, eye(pixels));
  const precision = combine(1, data, 1 / prior.std ** 2, eye(pixels));
  const residual = apply(transpose(A), mix(1 / std ** 2, y, -1 / std ** 2, apply(A, m)));
  return { y, move: apply(inverse(precision), residual) };
}

describe('on a Gaussian prior the mean over seeds is nearer to the posterior mean', () => {
  useTestBackend('cpu');

  describe.each(Object.entries(operators))('of %s', (_name, operator) => {
    it.each(Object.entries(cases))('by %s', async (_sampler, { make, steps, sigmaMin, factor }) => {
      const { y, move } = posterior(operator);
      const one = tf.tensor4d(y, operator.forward(tf.zeros([1, ...size, 1])).shape);
      const problem = {
        denoiser: gaussianPrior(prior),
        operator,
        measurement: tf.tile(one, [batch, 1, 1, 1]),
        noise: gaussianNoise(std),
      };
      const schedule = edmSchedule({ steps, sigmaMax: 20, sigmaMin });
      const { sample: x } = await sample(make(), problem, { schedule });
      const mean = tf.reshape(tf.mean(x, 0), [-1]).dataSync();
      const off = Math.hypot(...move.map((v, i) => mean[i]! - prior.mean - v));
      expect(off / Math.hypot(...move)).toBeLessThan(factor);
    });
  });
});
