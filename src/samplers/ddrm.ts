import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkRange } from '../internal/check';
import type { GaussianNoise } from '../operators/noise/noise';
import type { SpectralOperator } from '../operators/operator';
import { inverseValues } from '../operators/spectral-solvers';
import type { InverseProblem, NoiseLevelSampler, SamplerState } from './sampler';

/** Options of `ddrm`. */
export interface DdrmOptions {
  /**
   * The share of fresh noise where the measurement says less than x, in [0, 1].
   * @default 0.85
   */
  eta?: number;
  /**
   * How far the measurement replaces the denoised image where it says more than x, in [0, 1].
   * @default 1
   */
  etaB?: number;
}

/**
 * DDRM: each singular vector of the operator is an inverse problem of one number, solved in closed
 * form at every noise level.
 *
 * With `t = V'D(x; sigma)`, `u = U'y / s` and its noise `v = std / s`, the next coefficient has
 *
 * ```
 * mean                                            variance
 * t + sqrt(1 - eta²) sigma' V'(x - D) / sigma     eta² sigma'²         where s = 0
 * t + sqrt(1 - eta²) sigma' (u - t) / v           eta² sigma'²         where sigma' < v
 * (1 - etaB) t + etaB u                           sigma'² - etaB² v²   where sigma' >= v
 * ```
 *
 * Singular values below 1e-4 of the largest count as 0. `x_T` is noise in all coefficients: the paper
 * adds u to it, which is negligible relative to sigma_0. It needs an operator with a spectrum, and
 * Gaussian noise.
 *
 * @throws RangeError for an option out of range.
 *
 * Reference: Kawar et al., "Denoising Diffusion Restoration Models", NeurIPS 2022, equations 7 and 8.
 */
export function ddrm({
  eta = 0.85,
  etaB = 1,
}: DdrmOptions = {}): NoiseLevelSampler<
  SamplerState,
  InverseProblem<SpectralOperator, GaussianNoise>
> {
  checkRange(eta >= 0 && eta <= 1, 'ddrm', 'eta', 'in [0, 1]', eta);
  checkRange(etaB >= 0 && etaB <= 1, 'ddrm', 'etaB', 'in [0, 1]', etaB);
  return {
    name: 'ddrm',
    needs: ['spectrum', 'gaussian'],
    atNoiseLevel: true,
    remedy: 'check that noise has the std of the measurement',
    init: (_problem, run) => ({ x: run.initial() }),
    step: ({ x }, { denoiser, operator, measurement, noise }, { sigma, sigmaNext }, run) =>
      tf.tidy(() => {
        const { values, analyze, synthesize, analyzeMeasurement } = operator.spectrum;
        const inverse = inverseValues(values(x.shape));
        const v = tf.mul(inverse, noise.std);
        const u = tf.mul(inverse, analyzeMeasurement(measurement));
        const denoised = denoiser.denoise(x, sigma);
        const t = analyze(denoised);
        // Drawn as an image: with more coefficients than pixels they are not independent.
        const n = analyze(run.normal(run.shape));

        const kept = Math.sqrt(1 - eta ** 2) * sigmaNext;
        const missing = tf.mul(analyze(tf.sub(x, denoised)), kept / sigma);
        const guided = tf.mul(tf.divNoNan(tf.sub(u, t), v), kept);
        const replaced = tf.mul(tf.sub(u, t), etaB);
        const known = tf.greater(inverse, 0);
        const clear = tf.logicalAnd(known, tf.lessEqual(v, sigmaNext));
        const move = pick(clear, replaced, pick(known, guided, missing));

        const left = tf.maximum(0, tf.sub(sigmaNext ** 2, tf.square(tf.mul(v, etaB))));
        const spread = pick(clear, tf.sqrt(left), tf.fill([1, 1, 1, 1], eta * sigmaNext));
        const next = tf.add<Tensor4D>(tf.add(t, move), tf.mul(spread, n));
        return { state: { x: synthesize(next) }, denoised };
      }),
  };
}

/** `yes` where the condition holds, `no` elsewhere; all three broadcast. */
const pick = (condition: tf.Tensor, yes: tf.Tensor, no: tf.Tensor): tf.Tensor =>
  tf.where(condition, yes, no);
