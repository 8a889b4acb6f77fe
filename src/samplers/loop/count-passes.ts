import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { Denoiser, Linearized } from '../../models/denoiser';
import { identity } from '../../operators/identity';
import { gaussianNoise } from '../../operators/noise/gaussian-noise';
import type { NoiseSchedule } from '../../schedulers/schedule';
import type { Sampler } from '../sampler';
import { sample } from './sample';

/** Passes through a network. */
export interface Passes {
  /** Forward passes alone: calls of `denoise`. */
  denoise: number;
  /** Gradients, each a forward and a backward pass: calls of `linearize` and its `backward`. */
  gradient: number;
}

/**
 * A denoiser that calls `done` after each pass, for progress reporting: of a gradient, after its
 * backward pass.
 *
 * It answers as the denoiser that it wraps, which the caller still disposes.
 */
export function watchedDenoiser(denoiser: Denoiser, done: (kind: keyof Passes) => void): Denoiser {
  const denoise: Denoiser['denoise'] = (x, sigma) => {
    const result = denoiser.denoise(x, sigma);
    done('denoise');
    return result;
  };
  const linearize = (x: Tensor4D, sigma: number): Linearized => {
    const at = denoiser.linearize!(x, sigma);
    const backward: Linearized['backward'] = (cotangent) => {
      const gradient = at.backward(cotangent);
      done('gradient');
      return gradient;
    };
    return { denoised: at.denoised, backward, dispose: () => at.dispose() };
  };
  return { ...denoiser, denoise, ...(denoiser.linearize && { linearize }) };
}

/**
 * The passes of each step of a run, counted on a few pixels with a network that does nothing. Multiply
 * by the time of a pass to forecast a run.
 */
export async function countPasses(sampler: Sampler, schedule: NoiseSchedule): Promise<Passes[]> {
  const steps: Passes[] = [];
  let current: Passes = { denoise: 0, gradient: 0 };
  const nothing: Denoiser = {
    denoise: (x) => tf.clone(x),
    linearize: (x) => ({
      denoised: tf.clone(x),
      backward: (cotangent) => tf.zerosLike(cotangent),
      dispose: () => {},
    }),
  };
  const measurement = tf.zeros<tf.Rank.R4>([1, 8, 8, 3]);
  const denoiser = watchedDenoiser(nothing, (kind) => {
    current[kind]++;
  });
  const problem = { denoiser, operator: identity(), measurement, noise: gaussianNoise(1) };
  const onStep = () => {
    steps.push(current);
    current = { denoise: 0, gradient: 0 };
  };
  const { sample: image } = await sample(sampler, problem, { schedule, onStep });
  tf.dispose([image, measurement]);
  return steps;
}
