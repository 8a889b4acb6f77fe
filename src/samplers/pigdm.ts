import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkRange } from '../internal/check';
import { linearize } from '../models/linearize';
import { dampedInverse } from '../operators/damped-inverse';
import type { GaussianNoise } from '../operators/noise/noise';
import type { SolvableOperator } from '../operators/operator';
import { ddimStep, noiseOn } from './ddim-step';
import type { InverseProblem, NoiseLevelSampler, SamplerState } from './sampler';

/** Options of `pigdm`. */
export interface PigdmOptions {
  /**
   * The share of DDPM's noise that each step draws afresh, in [0, 1]: 0 has no randomness after `x_T`.
   * @default 1
   */
  eta?: number;
}

/**
 * ΠGDM: pseudoinverse guidance. The (damped) pseudo-inverse gives the correction of the denoised image
 * that the measurement asks for; the gradient of the denoiser carries it to x; a DDIM step follows.
 *
 * ```
 * x0 = D(x; sigma),   r² = sigma² / (1 + sigma²)
 * g  = (dx0/dx)' A' (A A' + std² / r² I)⁻¹ (y - A x0)
 * x' = x0 + c1 n + c2 (x - x0) / sigma + g
 * c1 = eta sigma' sqrt(1 - sigma'² / sigma²),   c2 = sqrt(sigma'² - c1²)
 * ```
 *
 * It needs a linear operator with a solver, and Gaussian noise; with std 0 the inverse is `A⁺`.
 *
 * @throws RangeError for an option out of range.
 *
 * Reference: Song et al., "Pseudoinverse-Guided Diffusion Models for Inverse Problems", ICLR 2023,
 * algorithm 1 with its adaptive weights.
 */
export function pigdm({
  eta = 1,
}: PigdmOptions = {}): NoiseLevelSampler<
  SamplerState,
  InverseProblem<SolvableOperator, GaussianNoise>
> {
  checkRange(eta >= 0 && eta <= 1, 'pigdm', 'eta', 'in [0, 1]', eta);
  return {
    name: 'pigdm',
    needs: ['solve', 'pseudoInverse', 'gaussian'],
    differentiates: true,
    atNoiseLevel: true,
    remedy: 'check that noise has the std of the measurement',
    init: (_problem, run) => ({ x: run.initial() }),
    step: ({ x }, { denoiser, operator, measurement, noise }, level, run) =>
      tf.tidy(() => {
        const { sigma } = level;
        const damping = noise.std ** 2 * (1 + 1 / sigma ** 2);
        const at = linearize(denoiser, x, sigma);
        const { denoised: x0 } = at;
        try {
          const residual = tf.sub<Tensor4D>(measurement, operator.forward(x0));
          const g = at.backward(dampedInverse(operator, residual, damping));
          const prior = ddimStep(x0, noiseOn(x, x0, sigma), level, eta, run);
          return { state: { x: tf.add<Tensor4D>(prior, g) }, denoised: x0 };
        } finally {
          at.dispose();
        }
      }),
  };
}
