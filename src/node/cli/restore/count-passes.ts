import * as tf from '@tensorflow/tfjs';
import {
  type Denoiser,
  gaussianNoise,
  identity,
  type NoiseSchedule,
  type Sampler,
  sample,
} from 'spgd';

/** How often a run asks its denoiser, and for how many of these a gradient. */
export interface Passes {
  denoise: number;
  vjp: number;
}

/** A denoiser that tells of each pass once it is done. */
export function watched(denoiser: Denoiser, done: (kind: keyof Passes) => void): Denoiser {
  const { denoise, vjp } = denoiser;
  return {
    ...denoiser,
    denoise(x, sigma) {
      const result = denoise(x, sigma);
      done('denoise');
      return result;
    },
    vjp(x, sigma, cotangent) {
      const result = vjp!(x, sigma, cotangent);
      done('vjp');
      return result;
    },
  };
}

/** Counts the passes of each step by a run on a few pixels, with a network that does nothing. */
export async function countPasses(sampler: Sampler, schedule: NoiseSchedule): Promise<Passes[]> {
  const steps: Passes[] = [];
  let current: Passes = { denoise: 0, vjp: 0 };
  const nothing: Denoiser = {
    denoise: (x) => tf.clone(x),
    vjp: (x, _sigma, cotangent) => {
      const gradient = tf.tidy(() => tf.mul(cotangent(x), 0) as tf.Tensor4D);
      return { denoised: tf.clone(x), gradient };
    },
  };
  const measurement = tf.zeros<tf.Rank.R4>([1, 8, 8, 3]);
  const denoiser = watched(nothing, (kind) => {
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
