import * as tf from '@tensorflow/tfjs';
import { countPasses, type Denoiser, type Passes, type Tile, tilesOf } from 'spgd';
import { hasDamage, type Settings, samplerNamed, scheduleOf } from 'spgd/tasks';
import type { Tiling } from './block-problem';
import type { PlannedWindow } from './messages';

/** What a pass takes in milliseconds, and the bytes that it needs at its peak, for each pixel. */
export interface PassCost {
  /** Follows the passes of jobs, so that forecasts hold for the load of the machine. */
  readonly times: Passes;
  readonly bytes: number;
}

const counted = new Map<string, Promise<Passes>>();

async function count(sampler: string, settings: Settings): Promise<Passes> {
  const all = { denoise: 0, gradient: 0 };
  const named = samplerNamed(sampler, settings);
  for (const { denoise, gradient } of await countPasses(named, scheduleOf(settings))) {
    all.denoise += denoise;
    all.gradient += gradient;
  }
  return all;
}

/** The passes of a whole run, counted once for each sampler with its settings. */
export function passesOf(sampler: string, settings: Settings): Promise<Passes> {
  const key = JSON.stringify([sampler, settings]);
  const known = counted.get(key) ?? count(sampler, settings);
  counted.set(key, known);
  return known;
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

/** The tiles of a window that the network sees. */
export function tilesIn(
  { height, width, missing }: PlannedWindow,
  prior: Denoiser,
  tiling: Tiling,
): readonly Tile[] {
  const covers = missing && ((tile: Tile) => !hasDamage({ missing, height, width }, tile));
  return tilesOf(prior, [height, width], tiling, covers);
}

/** The pixels of some tiles. */
export const pixelsOf = (tiles: readonly Tile[]): number =>
  tiles.reduce((sum, { height, width }) => sum + height * width, 0);
