import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { GaussianNoise } from '../operators/noise/noise';
import type { SolvableOperator, Spectrum } from '../operators/operator';
import { inverseValues } from '../operators/spectral-solvers';
import type { InverseProblem, NoiseLevelSampler, SamplerState, StepLevel } from './sampler';

/** A coefficient by coefficient scaling of images. */
interface Scaling {
  /** `Σ d`: the correction, as far as it may go. */
  correction(image: Tensor4D): Tensor4D;
  /** `Φ^½ n`: the noise that is left to draw. */
  noise(image: Tensor4D): Tensor4D;
}

/**
 * DDNM and DDNM+: the denoised image keeps its null-space part, and takes its range-space part from
 * the measurement, as far as the noise of the measurement fits into the noise of the step.
 *
 * ```
 * x0 = D(x; sigma),   b = sigma'² / sigma²,   q = sigma' sqrt(1 - b)
 * z  = x0 - Σ A⁺(A x0 - y)
 * x' = (1 - b) z + b x + Φ^½ n
 * Σ = V diag(λ) V',   λ = min(1, s q / ((1 - b) std))
 * Φ = V diag(γ) V',   γ = q² - ((1 - b) λ std / s)²,   q² where s = 0
 * ```
 *
 * With std 0 this is DDNM: `λ = 1`, `γ = q²`. An operator without a spectrum gets the simplified
 * DDNM+, with s = 1: it is meant for an `A⁺` that does not amplify the noise. The steps are those of
 * DDPM, as in the paper's algorithm; its released code takes DDIM steps in their place.
 *
 * It needs a linear operator with a pseudo-inverse, and Gaussian noise.
 *
 * Reference: Wang et al., "Zero-Shot Image Restoration Using Denoising Diffusion Null-Space Model",
 * ICLR 2023, algorithm 1 and section 3.3.
 */
export function ddnm(): NoiseLevelSampler<
  SamplerState,
  InverseProblem<SolvableOperator, GaussianNoise>
> {
  return {
    name: 'ddnm',
    needs: ['pseudoInverse', 'gaussian'],
    atNoiseLevel: true,
    remedy: 'check that noise has the std of the measurement',
    init: (_problem, run) => ({ x: run.initial() }),
    step: ({ x }, problem, level, run) =>
      tf.tidy(() => {
        const { denoiser, operator, measurement } = problem;
        const b = (level.sigmaNext / level.sigma) ** 2;
        const { correction, noise } = scaling(problem, level, x);
        const x0 = denoiser.denoise(x, level.sigma);
        const excess = tf.sub<Tensor4D>(operator.forward(x0), measurement);
        const z = tf.sub(x0, correction(operator.pseudoInverse(excess)));
        const mean = tf.add(tf.mul(z, 1 - b), tf.mul(x, b));
        const n = noise(run.normal(run.shape));
        return { state: { x: tf.add<Tensor4D>(mean, n) }, denoised: x0 };
      }),
  };
}

/** Σ and Φ of one step. */
function scaling(
  { operator: { spectrum }, noise: { std } }: InverseProblem<SolvableOperator, GaussianNoise>,
  { sigma, sigmaNext }: StepLevel,
  { shape }: Tensor4D,
): Scaling {
  const b = (sigmaNext / sigma) ** 2;
  const q = sigmaNext * Math.sqrt(1 - b);
  if (std === 0) return { correction: (image) => image, noise: (image) => tf.mul(image, q) };
  // The noise of A⁺y in the next x, coefficient by coefficient.
  const inherited = tf.mul((1 - b) * std, spectrum ? inverseValues(spectrum.values(shape)) : 1);
  const lambda = tf.minimum(1, tf.divNoNan(q, inherited));
  const gamma = tf.maximum(0, tf.sub(q ** 2, tf.square(inherited)));
  return {
    correction: (image) => scale(image, lambda, spectrum),
    noise: (image) => scale(image, tf.sqrt(gamma), spectrum),
  };
}

/** `V diag(gains) V' x`; without a spectrum V is the identity. */
function scale(x: Tensor4D, gains: tf.Tensor, spectrum: Spectrum | undefined): Tensor4D {
  if (!spectrum) return tf.mul(x, gains);
  return spectrum.synthesize(tf.mul(spectrum.analyze(x), gains));
}
