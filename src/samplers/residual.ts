import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { InverseProblem, Step } from './sampler';

/** `residual(A(image), y)`, one number an item. The caller disposes it. */
const residualOf = (
  { operator, measurement, noise }: Omit<InverseProblem, 'denoiser'>,
  image: Tensor4D,
): Tensor1D => tf.tidy(() => noise.residual(operator.forward(image), measurement));

/** The residual of the estimate of a step: its own `error`, or computed. The caller disposes it. */
export const errorOf = (
  problem: InverseProblem,
  { denoised, error }: Pick<Step<unknown>, 'denoised' | 'error'>,
): Tensor1D => (error ? tf.clone(error) : residualOf(problem, denoised));
