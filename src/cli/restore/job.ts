import * as tf from '@tensorflow/tfjs';
import {
  type ForwardOperator,
  type GaussianNoise,
  gaussianNoise,
  independentChannels,
  inpainting,
  measure,
  type Sampler,
  type Shape4D,
  type Tile,
} from 'spgd';
import type { Pixels } from 'spgd/node';
import { type Damage, type DamageMap, noiseOf, openBorder, tasks } from 'spgd/tasks';
import { blockPieces, type WholeMeasurement } from './block-pieces';
import { checkFits } from './check-fits';
import { checkMemory } from './check-memory';
import { checkDescribed, isBlind } from './choose-task';
import { jpegJob } from './jpeg-job';
import type { Job, Order } from './order';
import { type PhotoNoise, photoNoise } from './photo-noise';
import {
  blankPixels,
  copyOf,
  cropOf,
  isGray,
  recoloured,
  resizedBlank,
  tensorOf,
} from './photo-pixels';
import { damagePieces } from './pieces';
import { type Prior, priorFor } from './prior';
import { readKernel } from './read-kernel';
import { missingIn, readMask } from './read-mask';
import { type RestoreOptions, usageError } from './restore-options';

/** Checks an order as far as it can be checked without a network. */
export async function takeOrder(
  described: Omit<Order, 'map'>,
  { mask, kernel: kernelPath, maxPixels, ...options }: RestoreOptions,
): Promise<Order> {
  const { photo, task } = described;
  const [height, width] = photo.shape;
  const kernel =
    kernelPath === undefined || isBlind({ kernel: kernelPath })
      ? described.kernel
      : await readKernel(kernelPath);
  const { blurStd = options.blurStd, blurRadius = options.blurRadius } = described;
  const blur = { blurStd, blurRadius, kernel };
  checkDescribed(task, { ...options, mask, ...blur });
  checkFits(task, { height, width }, { ...options, ...blur });
  const map = mask === undefined ? undefined : await readMask(mask, [height, width], maxPixels);
  return { ...described, ...blur, ...(map && { map }) };
}

function photoNoiseOf(
  { photo, isLossy, task, map, noise }: Order,
  { simulate, noiseStd }: RestoreOptions,
): PhotoNoise {
  if (noiseStd !== undefined) return { std: noiseStd, source: 'given' };
  if (simulate) return { std: tasks[task]!.noiseStd, source: 'simulated' };
  return noise ?? photoNoise(photo, isLossy, map);
}

const isInpainting = (task: string): boolean => tasks[task]!.describedBy.includes('mask');

/** Which pixels the mask of a task leaves out. */
async function simulatedDamage(
  task: string,
  { shape: [height, width] }: Pixels,
  options: Pick<RestoreOptions, 'seed'>,
) {
  const operator = tasks[task]!.operator({ height, width }, { seed: options.seed });
  const mask = tf.tidy(() => operator.forward(tf.ones([1, height, width, 1])));
  const missing = Uint8Array.from(await mask.data(), (known) => (known === 0 ? 1 : 0));
  mask.dispose();
  return { missing, height, width };
}

/** A photo with missing pixels: regions of it are restored, the rest is left as it is. */
async function damageJob(order: Order, options: RestoreOptions, prior: Prior): Promise<Job> {
  const { photo, task } = order;
  const noise = photoNoiseOf(order, options);
  const map = order.map ?? (await simulatedDamage(task, photo, options));
  const damaged = options.simulate
    ? await damage(photo, map, noise.std, { ...options, channels: prior.channels })
    : photo;
  return {
    noise,
    damaged,
    ...(options.simulate && { clean: photo }),
    missing: missingIn(map),
    plan() {
      const picture = copyOf(damaged);
      const own = { ...map, missing: map.missing.slice() };
      return { pieces: damagePieces(picture, own, prior), picture: () => picture };
    },
  };
}

/** A clean photo with noise, and nothing where the map has pixels missing. */
async function damage(
  photo: Pixels,
  { missing }: DamageMap,
  std: number,
  { seed, channels }: { seed: number; channels: number },
): Promise<Pixels> {
  const [height, width] = photo.shape;
  const degraded = tf.tidy(() => {
    const known = Float32Array.from(missing, (one) => 1 - one);
    const mask = tf.tensor4d(known, [1, height, width, 1]);
    const image = tensorOf(photo, undefined, channels);
    const noisy = measure(inpainting({ mask }), image, gaussianNoise(std), { seed });
    return tf.mul(noisy, mask);
  });
  const values = await degraded.data<'float32'>();
  degraded.dispose();
  return recoloured(photo, values);
}

/** A photo that was degraded just now: its measurement as plain numbers. */
async function simulated(
  photo: Pixels,
  operator: ForwardOperator,
  noise: GaussianNoise,
  { seed, channels }: { seed: number; channels: number },
): Promise<WholeMeasurement> {
  const image = tensorOf(photo, undefined, channels);
  const measurement = measure(operator, image, noise, { seed });
  const values = await measurement.data<'float32'>();
  const { shape } = measurement;
  tf.dispose([image, measurement]);
  return { operator, noise, shape, crop: (box) => cropOf(values, shape, box) };
}

/** Any other damage: the operator acts on the whole photo, in blocks where it is local. */
async function wholeJob(
  order: Order,
  options: RestoreOptions,
  prior: Prior,
  backend: string,
  sampler: Sampler,
): Promise<Job> {
  const { photo, task, blurStd, blurRadius, kernel } = order;
  const [height, width] = photo.shape;
  const { sharedStd, ...own } = photoNoiseOf(order, options);
  const noise = { ...own, std: sharedStd ?? own.std };
  const { simulate, scale, seed } = options;
  const damage: Damage = { scale, blurStd, blurRadius, kernel, seed };
  const operator = tasks[task]!.operator({ height, width }, damage);
  const { channels } = prior;
  const shape: Shape4D = [1, height, width, channels];
  const [, h, w] = simulate ? shape : (operator.imageShape?.(shape) ?? shape);
  if (simulate || operator.reach === undefined) checkMemory([1, h, w, channels], backend);
  const isColoured = tasks[task]!.fromGray && !simulate;
  if (isColoured && !isGray(photo))
    throw usageError(`${task} is for a grey photo, and ${order.path} has colours`);
  const crop = (box: Tile) =>
    tf.tidy(() => {
      const part = tensorOf(photo, box, isColoured ? 1 : channels);
      return sharedStd && part.shape[3] > 1
        ? independentChannels(part, { std: own.std, sharedStd, seed: box.top * width + box.left })
        : part;
    });
  const measurement: WholeMeasurement = simulate
    ? await simulated(photo, operator, noiseOf(tasks[task]!, noise.std), { seed, channels })
    : {
        operator,
        shape,
        crop,
        opened: (part) => openBorder({ operator, measurement: part }, noise.std, sampler),
      };
  const isSame = h === height && w === width;
  const blank = isColoured
    ? blankPixels([h, w, 3], photo.white)
    : isSame
      ? photo
      : await resizedBlank(photo, [h, w]);
  return {
    noise,
    ...(simulate ? { clean: photo } : { damaged: photo }),
    plan() {
      const result = copyOf(blank);
      return { pieces: blockPieces(measurement, result, prior), picture: () => result };
    },
  };
}

/** Makes the measurement of an order, and says how it is cut into pieces. */
export async function makeJob(
  order: Order,
  options: RestoreOptions,
  prior: Prior,
  backend: string,
  sampler: Sampler,
): Promise<Job> {
  if (order.jpeg) return jpegJob(order.photo, order.jpeg, prior);
  const own = tasks[order.task]!.fromGray ? prior : priorFor(order.photo, prior);
  if (!isInpainting(order.task)) return wholeJob(order, options, own, backend, sampler);
  return damageJob(order, options, own);
}
