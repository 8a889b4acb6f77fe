import * as tf from '@tensorflow/tfjs';
import { countPasses, type Denoiser, type Passes } from 'spgd';
import { samplerNamed, scheduleOf } from 'spgd/tasks';
import type { Job, Plan } from './messages';
import { restorationOf, type Tiling } from './restoration';

/** What a pass takes in milliseconds, and the bytes that it needs at its peak, for each pixel. */
export interface PassCost {
  readonly times: Passes;
  readonly bytes: number;
}

/** The passes of a whole run. */
export async function passesOf({ sampler, settings }: Job): Promise<Passes> {
  const all = { denoise: 0, gradient: 0 };
  const schedule = scheduleOf(settings);
  for (const { denoise, gradient } of await countPasses(
    samplerNamed(sampler, settings),
    schedule,
  )) {
    all.denoise += denoise;
    all.gradient += gradient;
  }
  return all;
}

/** Side of the image that a pass is measured on: small, as a user waits for it. */
const probe = 64;

/** Measures a pass of each kind, once weights and programs are prepared. */
export async function measurePass(prior: Denoiser): Promise<PassCost> {
  const x = tf.zeros<tf.Rank.R4>([1, probe, probe, prior.imageShape?.[2] ?? 3]);
  const denoise = () => prior.denoise(x, 1);
  const gradient = () => prior.linearize!(x, 1).backward(x);
  const time = async (pass: () => tf.Tensor4D) => {
    const started = performance.now();
    const result = tf.tidy(pass);
    await result.data();
    result.dispose();
    return (performance.now() - started) / probe ** 2;
  };
  await time(gradient);
  const times = { denoise: await time(denoise), gradient: await time(gradient) };
  const { peakBytes } = await tf.profile(() => tf.tidy(() => gradient().dispose()));
  x.dispose();
  return { times, bytes: peakBytes / probe ** 2 };
}

/** Images as large as the result that a run holds at its peak, about. */
const imagesAtOnce = 24;

/** What a job will cost, from the passes it makes and the tiles that each pass goes through. */
export async function planOf(
  job: Job,
  { prior, tiling, pass }: { prior: Denoiser; tiling: Tiling; pass: PassCost },
): Promise<Plan> {
  let tiles = 0;
  let pixels = 0;
  const counting: Denoiser = {
    ...(prior.multipleOf && { multipleOf: prior.multipleOf }),
    denoise(x) {
      const [count, height, width] = x.shape;
      tiles += count;
      pixels += count * height * width;
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
  const count = await passesOf(job);
  const milliseconds = count.denoise * pass.times.denoise + count.gradient * pass.times.gradient;
  const atOnce = Math.min(tiling.batch, tiles) * (pixels / Math.max(1, tiles));
  const images = imagesAtOnce * 4 * shape.reduce((a, b) => a * b);
  return {
    tiles,
    passes: count.denoise + count.gradient,
    seconds: (pixels * milliseconds) / 1000,
    bytes: images + atOnce * pass.bytes + tf.memory().numBytes,
  };
}
