import * as tf from '@tensorflow/tfjs';
import { estimateNoise, type ForwardOperator, gaussianNoise, inpainting, measure } from 'spgd';
import type { Pixels } from 'spgd/node';
import { tasks } from '../../tasks/tasks';
import { blockPieces, type WholeMeasurement } from './block-pieces';
import { checkMemory } from './check-memory';
import { checkDescribed, checkFits, operatorFor } from './degradation';
import {
  blankPixels,
  centreOf,
  coloursOf,
  copyOf,
  cropOf,
  pixelsFrom,
  tensorOf,
  valuesOf,
} from './photo-pixels';
import { damagePieces, type Piece } from './pieces';
import type { Prior } from './prior';
import { readKernel } from './read-kernel';
import { missingIn, readMask } from './read-mask';
import { cropMap, type DamageMap } from './regions';
import type { RestoreOptions } from './restore-options';

/** A photo with what is to be done to it, before any backend is started. */
export interface Order {
  readonly path: string;
  readonly photo: Pixels;
  /** Its format hides noise, as JPEG does. */
  readonly isLossy: boolean;
  readonly task: string;
  readonly map?: DamageMap;
  readonly kernel?: number[][];
}

/** A measurement, and how it is cut into pieces for one run. */
export interface Job {
  /** The clean photo, where the damage was simulated. */
  readonly clean?: Pixels;
  /** What is restored, as a picture, where it is one. */
  readonly damaged?: Pixels;
  readonly noise: { readonly std: number; readonly source: string };
  /** Pixels that are missing, where some are. */
  readonly missing?: number;
  /** New pieces, and the picture that they have become in the end. */
  plan(): { pieces: Piece[]; picture(): Pixels };
  /** Frees the measurement. */
  dispose(): void;
}

/** The noise of an 8-bit file is never smaller than its rounding. */
const leastNoise = 0.0025;

/**
 * Nor that of a JPEG than the errors of its compression, which no estimate sees: measured 0.02 to 0.04
 * at the qualities that cameras use.
 */
const leastLossyNoise = 0.03;

/** Checks an order as far as it can be checked without a network. */
export async function takeOrder(
  described: Pick<Order, 'path' | 'photo' | 'isLossy' | 'task'>,
  options: RestoreOptions,
): Promise<Order> {
  const { photo, task } = described;
  const { measurement, mask, kernel: kernelPath } = options;
  if (measurement) checkDescribed(task, options);
  const [height, width] = photo.shape;
  const kernel = kernelPath === undefined ? undefined : await readKernel(kernelPath);
  checkFits(task, { height, width }, options, kernel);
  const map = mask === undefined ? undefined : await readMask(mask, [height, width]);
  return { ...described, ...(map && { map }), ...(kernel && { kernel }) };
}

function noiseOf(
  { photo, isLossy, task, map }: Order,
  { measurement, noise }: RestoreOptions,
): Job['noise'] {
  if (noise !== undefined) return { std: noise, source: 'given' };
  if (!measurement) return { std: tasks[task]!.noiseStd, source: 'simulated' };
  const box = centreOf(photo);
  const shape = [box.height, box.width, coloursOf(photo)] as const;
  const missing = map && cropMap(map, box).missing;
  const found = estimateNoise(valuesOf(photo, box), shape, missing) ?? 0;
  const least = isLossy ? leastLossyNoise : leastNoise;
  if (found < least)
    return { std: least, source: isLossy ? 'the least of a JPEG' : 'the least of 8 bits' };
  return { std: found, source: 'estimated' };
}

const isDamage = (task: string): boolean => task === 'inpainting' || task === 'inpainting_rand';

/** Which pixels a task's own mask leaves out. */
async function simulatedDamage(
  task: string,
  { shape: [height, width] }: Pixels,
  options: RestoreOptions,
) {
  const operator = operatorFor(task, { height, width }, options);
  const mask = tf.tidy(() => operator.forward(tf.ones([1, height, width, 1])));
  const missing = Uint8Array.from(await mask.data(), (known) => (known === 0 ? 1 : 0));
  mask.dispose();
  return { missing, height, width };
}

/** A photo with missing pixels: regions of it are restored, the rest is left as it is. */
async function damageJob(order: Order, options: RestoreOptions, prior: Prior): Promise<Job> {
  const { photo, task } = order;
  const noise = noiseOf(order, options);
  const map = order.map ?? (await simulatedDamage(task, photo, options));
  const damaged = options.measurement ? photo : await damage(photo, map, noise.std, options.seed);
  return {
    noise,
    damaged,
    ...(!options.measurement && { clean: photo }),
    missing: missingIn(map),
    dispose: () => {},
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
  seed: number,
): Promise<Pixels> {
  const [height, width] = photo.shape;
  const degraded = tf.tidy(() => {
    const known = Float32Array.from(missing, (one) => 1 - one);
    const mask = tf.tensor4d(known, [1, height, width, 1]);
    const noisy = measure(inpainting({ mask }), tensorOf(photo), gaussianNoise(std), { seed });
    return tf.mul(noisy, mask);
  });
  const values = await degraded.data<'float32'>();
  degraded.dispose();
  return pixelsFrom(values, [height, width, coloursOf(photo)], photo.white);
}

/** A photo that was degraded just now: its measurement as plain numbers. */
async function simulated(
  { photo }: Order,
  operator: ForwardOperator,
  std: number,
  { seed }: RestoreOptions,
  backend: string,
): Promise<WholeMeasurement> {
  const [height, width] = photo.shape;
  checkMemory([1, height, width, coloursOf(photo)], backend);
  const image = tensorOf(photo);
  const measurement = measure(operator, image, gaussianNoise(std), { seed });
  const values = await measurement.data<'float32'>();
  const { shape } = measurement;
  tf.dispose([image, measurement]);
  return { operator, shape, crop: (box) => cropOf(values, shape, box) };
}

/** Any other damage: the operator acts on the whole photo, in blocks where it is local. */
async function wholeJob(
  order: Order,
  options: RestoreOptions,
  prior: Prior,
  backend: string,
): Promise<Job> {
  const { photo, task, kernel } = order;
  const [height, width] = photo.shape;
  const noise = noiseOf(order, options);
  const operator = operatorFor(task, { height, width }, options, kernel);
  const channels = coloursOf(photo);
  const measurement: WholeMeasurement = options.measurement
    ? { operator, shape: [1, height, width, channels], crop: (box) => tensorOf(photo, box) }
    : await simulated(order, operator, noise.std, options, backend);
  const { shape } = measurement;
  const [, h, w] = operator.imageShape?.(shape) ?? shape;
  if (operator.reach === undefined) checkMemory([1, h, w, channels], backend);
  return {
    noise,
    ...(options.measurement ? { damaged: photo } : { clean: photo }),
    plan() {
      const isSame = h === height && w === width;
      const result = isSame ? copyOf(photo) : blankPixels([h, w, channels], photo.white);
      return { pieces: blockPieces(measurement, result, prior), picture: () => result };
    },
    dispose: () => {},
  };
}

/** Makes the measurement of an order, and says how it is cut into pieces. */
export async function makeJob(
  order: Order,
  options: RestoreOptions,
  prior: Prior,
  backend: string,
): Promise<Job> {
  if (!isDamage(order.task)) return wholeJob(order, options, prior, backend);
  return damageJob(order, options, prior);
}
