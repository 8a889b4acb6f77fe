import { createInterface } from 'node:readline/promises';
import * as tf from '@tensorflow/tfjs';
import type { Passes, Tile } from 'spgd';
import type { Prior } from './prior';
import { usageError } from './restore-options';

/** Longest time in milliseconds that a job may take without being asked about. */
const longest = 10 * 60 * 1000;

/** Milliseconds that a pixel takes in a pass of each kind. */
export type PassTimes = Readonly<Record<keyof Passes, number>>;

/**
 * Times a pass of each kind that a run takes, on as many tiles as the network takes at once and as
 * large as they will be; 0 for one that it does not take.
 */
export async function timePass(
  { denoiser, channels }: Prior,
  tiles: readonly Tile[],
  passes: readonly Passes[],
): Promise<PassTimes> {
  const [tile] = tiles;
  if (!tile) return { denoise: 0, gradient: 0 };
  const { height, width } = tile;
  const x = tf.zeros<tf.Rank.R4>([tiles.length, height, width, channels]);
  const { denoise, linearize } = denoiser;
  const run = async (pass: () => tf.Tensor4D) => {
    const result = tf.tidy(pass);
    await result.data();
    result.dispose();
  };
  const time = async (kind: keyof Passes, pass: () => tf.Tensor4D) => {
    if (passes.every((step) => step[kind] === 0)) return 0;
    await run(pass); // prepares the weights
    const started = performance.now();
    await run(pass);
    return (performance.now() - started) / (tiles.length * height * width);
  };
  const times = {
    denoise: await time('denoise', () => denoise(x, 1)),
    gradient: await time('gradient', () => linearize!(x, 1).backward(x)),
  };
  x.dispose();
  return times;
}

/** The time of a number of passes over one pixel. */
export const durationOf = ({ denoise, gradient }: Passes, times: PassTimes): number =>
  denoise * times.denoise + gradient * times.gradient;

/** A time as a person says it. */
export function spoken(milliseconds: number): string {
  const minutes = milliseconds / 60_000;
  if (minutes < 1.5) return `${Math.max(1, Math.round(milliseconds / 1000))} s`;
  if (minutes < 90) return `${Math.round(minutes)} min`;
  return minutes < 72 * 60
    ? `${(minutes / 60).toFixed(1)} h`
    : `${Math.round(minutes / 1440)} days`;
}

/** Asks before a long job, or needs `--yes` where there is nobody to ask. */
export async function consent(milliseconds: number, yes: boolean | undefined): Promise<void> {
  if (milliseconds <= longest || yes) return;
  if (!process.stdin.isTTY || !process.stderr.isTTY)
    throw usageError(
      `this takes about ${spoken(milliseconds)}: add --yes to agree, or --quality fast, fewer --steps, a smaller --size`,
    );
  const question = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await question.question('Go on? [y/N] ');
  question.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw usageError('not started');
}
