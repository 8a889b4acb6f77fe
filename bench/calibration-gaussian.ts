/**
 * The spread of every sampler where the posterior is known: independent Gaussian pixels with noise on
 * them, `npm run bench:calibration -- --gaussian`.
 */
import * as tf from '@tensorflow/tfjs';
import {
  coverage,
  edmSchedule,
  gaussianNoise,
  gaussianPrior,
  identity,
  measure,
  type NoiseLevelSampler,
  posterior,
  type RestoredPhoto,
  type Sampler,
  type SamplerState,
  spgd,
} from 'spgd';
import { samplers } from 'spgd/tasks';

const std = 0.5;
const noise = gaussianNoise(0.4);
const shape: [number, number, number, number] = [1, 48, 48, 3];

/** A sampler by its name in `samplers`, with the options of its paper; the chain of `daps` suits the noise. */
const samplerOf = (name: string): Sampler =>
  samplers[name]!.make(name === 'daps' ? { learningRate: 0.005 } : {});

/** Samplers that draw, alone and inside `spgd`; without guidance, only inside. */
export function gaussianCases(): Sampler[] {
  return Object.keys(samplers).flatMap((name) => {
    const one = samplerOf(name);
    if (one.isEstimate) return [];
    const wrapped = () => spgd(one as NoiseLevelSampler<SamplerState>, { learningRate: 0.2 });
    if (['probability-flow', 'reverse-diffusion'].includes(name)) return [wrapped()];
    return one.atNoiseLevel ? [one, wrapped()] : [one];
  });
}

/** The share of pixels in their interval, at each level, without calibration. */
export async function gaussianCoverage(
  sampler: Sampler,
  samples: number,
  levels: readonly number[],
): Promise<number[]> {
  const truth = tf.mul<tf.Tensor4D>(tf.randomNormal(shape, 0, 1, 'float32', 7), std);
  const measurement = measure(identity(), truth, noise, { seed: 1 });
  const problem = { denoiser: gaussianPrior({ std }), operator: identity(), measurement, noise };
  const schedule = edmSchedule({ steps: 50, sigmaMax: 20, sigmaMin: 0.02 });
  const photo: RestoredPhoto = {
    truth,
    ...(await posterior(sampler, problem, { schedule, samples })),
  };
  const found: number[] = [];
  for (const level of levels) found.push(await coverage([photo], { level }));
  tf.dispose([truth, measurement, photo.mean, photo.std]);
  return found;
}
