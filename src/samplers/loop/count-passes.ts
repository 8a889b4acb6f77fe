import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { Denoiser } from '../../models/denoiser';
import { identity } from '../../operators/identity';
import { gaussianNoise } from '../../operators/noise/gaussian-noise';
import type { NoiseSchedule } from '../../schedulers/schedule';
import type { Sampler } from '../sampler';
import { sample } from './sample';

/** Passes through a network: forward only, and forward with the gradient in x. */
export interface Passes {
  /** Calls of `denoise`. */
  denoise: number;
  /** Calls of `vjp`. */
  vjp: number;
}

/**
 * A denoiser that calls `done` after each pass, for progress reporting. The caller still owns, and
 * disposes, the inner denoiser.
 */
export function watchedDenoiser(denoiser: Denoiser, done: (kind: keyof Passes) => void): Denoiser {
  const denoise: Denoiser['denoise'] = (x, sigma) => {
    const result = denoiser.denoise(x, sigma);
    done('denoise');
    return result;
  };
  const vjp: Denoiser['vjp'] = (x, sigma, cotangent) => {
    const result = denoiser.vjp!(x, sigma, cotangent);
    done('vjp');
    return result;
  };
  return { ...denoiser, denoise, ...(denoiser.vjp && { vjp }) };
}

/**
 * The passes of each step of a run, counted on a few pixels with a network that does nothing. Multiply
 * by the time of a pass to forecast a run.
 */
export async function countPasses(sampler: Sampler, schedule: NoiseSchedule): Promise<Passes[]> {
  const steps: Passes[] = [];
  let current: Passes = { denoise: 0, vjp: 0 };
  const nothing: Denoiser = {
    denoise: (x) => tf.clone(x),
    vjp: (x, _sigma, cotangent) => {
      const gradient = tf.tidy(() => tf.mul(cotangent(x), 0) as Tensor4D);
      return { denoised: tf.clone(x), gradient };
    },
  };
  const measurement = tf.zeros<tf.Rank.R4>([1, 8, 8, 3]);
  const denoiser = watchedDenoiser(nothing, (kind) => {
    current[kind]++;
  });
  const problem = { denoiser, operator: identity(), measurement, noise: gaussianNoise(1) };
  const onStep = () => {
    steps.push(current);
    current = { denoise: 0, vjp: 0 };
  };
  const { sample: image } = await sample(sampler, problem, { schedule, onStep });
  tf.dispose([image, measurement]);
  return steps;
}
