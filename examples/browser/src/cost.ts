import * as tf from '@tensorflow/tfjs';
import {
  type Denoiser,
  gaussianNoise,
  identity,
  type NoiseSchedule,
  type Sampler,
  sample,
} from 'spgd';
import type { Job, Plan } from './messages';
import type { Method } from './method';
import { restorationOf, type Tiling } from './restoration';

/** One number for a pass, and one for a pass with its gradient. */
export interface Passes {
  denoise: number;
  vjp: number;
}

/** What a pass over one tile takes in milliseconds, and the bytes that passes need at their peak. */
export interface PassCost {
  readonly times: Passes;
  readonly bytes: number;
}

/** A denoiser that tells of each pass once it is done. */
export function watched(denoiser: Denoiser, done: (kind: keyof Passes) => void): Denoiser {
  return {
    ...denoiser,
    denoise(x, sigma) {
      const result = denoiser.denoise(x, sigma);
      done('denoise');
      return result;
    },
    vjp(x, sigma, cotangent) {
      const result = denoiser.vjp!(x, sigma, cotangent);
      done('vjp');
      return result;
    },
  };
}

/** Runs a sampler on a few pixels, with a network that does nothing, and counts its passes. */
export async function countPasses(sampler: Sampler, schedule: NoiseSchedule): Promise<Passes> {
  const count = { denoise: 0, vjp: 0 };
  const nothing: Denoiser = {
    denoise: (x) => tf.clone(x),
    vjp: (x, _sigma, cotangent) => ({
      denoised: tf.clone(x),
      gradient: tf.tidy(() => tf.mul(cotangent(x), 0)),
    }),
  };
  const measurement = tf.zeros<tf.Rank.R4>([1, 8, 8, 3]);
  const denoiser = watched(nothing, (kind) => {
    count[kind]++;
  });
  const problem = { denoiser, operator: identity(), measurement, noise: gaussianNoise(1) };
  const { sample: image } = await sample(sampler, problem, { schedule });
  tf.dispose([image, measurement]);
  return count;
}

/** Measures a pass of each kind on one tile, once weights and programs are prepared. */
export async function measurePass(prior: Denoiser, { size }: Tiling): Promise<PassCost> {
  const x = tf.zeros<tf.Rank.R4>([1, size, size, prior.imageShape?.[2] ?? 3]);
  const denoise = () => prior.denoise(x, 1);
  const vjp = () => prior.vjp!(x, 1, (image) => tf.clone(image)).gradient;
  const time = async (pass: () => tf.Tensor4D) => {
    const started = performance.now();
    const result = tf.tidy(pass);
    await result.data();
    result.dispose();
    return performance.now() - started;
  };
  await time(vjp);
  const times = { denoise: await time(denoise), vjp: await time(vjp) };
  const { peakBytes } = await tf.profile(() => tf.tidy(() => vjp().dispose()));
  x.dispose();
  return { times, bytes: peakBytes };
}

/** Images as large as the result that a run holds at its peak, about. */
const imagesAtOnce = 24;

/** What a job will cost, from the passes it makes and the tiles that each pass goes through. */
export async function planOf(
  job: Job,
  { sampler, schedule, tiling, pass }: Method & { tiling: Tiling; pass: PassCost },
): Promise<Plan> {
  let tiles = 0;
  const counting: Denoiser = {
    multipleOf: tiling.size,
    denoise(x) {
      tiles += x.shape[0];
      return tf.clone(x);
    },
  };
  const { operator, measurement, denoiser, dispose } = restorationOf(job, counting, {
    ...tiling,
    batch: Infinity,
  });
  const shape = operator.imageShape?.(measurement.shape) ?? measurement.shape;
  tf.dispose(tf.tidy(() => denoiser.denoise(tf.zeros(shape), 1)));
  dispose();
  const count = await countPasses(sampler, schedule);
  const milliseconds = count.denoise * pass.times.denoise + count.vjp * pass.times.vjp;
  const images = imagesAtOnce * 4 * shape.reduce((a, b) => a * b);
  return {
    tiles,
    passes: count.denoise + count.vjp,
    seconds: (tiles * milliseconds) / 1000,
    bytes: images + Math.min(tiling.batch, tiles) * pass.bytes + tf.memory().numBytes,
  };
}
