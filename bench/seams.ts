/**
 * Do tiles show? The mean step from pixel to pixel of a denoised image across the borders of tiles,
 * as a multiple of that elsewhere, on crops of photos that the prior was not trained on:
 *
 *   npm run bench:seams -- --photos folder
 */
import * as tf from '@tensorflow/tfjs';
import { Command } from 'commander';
import { type Denoiser, loadDenoiser, tiledDenoiser } from 'spgd';
import { useBackend } from 'spgd/node';
import { modelSource } from '../src/cli/model-source';
import { tileAxis } from '../src/models/tile-axis';
import { readCrops } from './crops';

const options = new Command()
  .requiredOption('--photos <folder>', 'photos to measure on')
  .option('--size <pixels>', 'height and width of the crops', Number, 256)
  .option('--tile <pixels>', 'side of a tile', Number, 64)
  .option('--sigmas <list>', 'noise levels', '0.1,0.5,1,3')
  .option('--count <n>', 'number of photos, in the order of their names', Number, 8)
  .option('--model <path>', 'another prior')
  .option('--backend <name>', 'backend of TensorFlow.js', 'auto')
  .parse()
  .opts();

const { size, tile, count, photos } = options;
await useBackend(options.backend);
const whole = await loadDenoiser(modelSource(options.model));
const crops = await readCrops({ photos, count, skip: 0, reduce: 1, size, width: size });

/** Where tiles begin and end along an axis. */
function bordersOf(overlap: number): Set<number> {
  const { starts } = tileAxis(size, { size: tile, overlap, multipleOf: null });
  const ends = starts.flatMap((start) => [start, start + tile]);
  return new Set(ends.filter((at) => at > 0 && at < size));
}

/** The mean step into each column, from the one before; then the same for rows. */
const steps = (image: tf.Tensor4D): number[][] =>
  [2, 1].map((axis) =>
    tf.tidy(() => {
      const [, after] = tf.split(image, [1, size - 1], axis);
      const [before] = tf.split(image, [size - 1, 1], axis);
      const step = tf.abs(tf.sub(after!, before!));
      return [...tf.mean(step, [0, axis === 2 ? 1 : 2, 3]).dataSync()];
    }),
  );

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

/** Steps across these borders over steps elsewhere, both axes together. */
function seam(images: readonly tf.Tensor4D[], borders: ReadonlySet<number>): number {
  const all = images.flatMap((image) => steps(image).flatMap((row) => [...row.entries()]));
  const at = (border: boolean) =>
    mean(all.filter(([i]) => borders.has(i + 1) === border).map(([, value]) => value));
  return at(true) / at(false);
}

const ways: [string, Denoiser, number][] = [
  ['blended', tiledDenoiser(whole, { size: tile }), tile / 4],
  ['whole, at the same places', whole, tile / 4],
  ['side by side', tiledDenoiser(whole, { size: tile, overlap: 0 }), 0],
];
console.log(`${count} crops of ${size} x ${size}, tiles of ${tile}\n`);
console.log(`| sigma | ${ways.map(([way]) => way).join(' | ')} |`);
console.log(`| --- |${' --- |'.repeat(ways.length)}`);
for (const sigma of (options.sigmas as string).split(',').map(Number)) {
  const row = ways.map(([, denoiser, overlap]) => {
    const images = crops.map((clean, seed) =>
      tf.tidy(() => {
        const noise = tf.randomNormal(clean.shape, 0, sigma, 'float32', seed + 1);
        return denoiser.denoise(tf.add<tf.Tensor4D>(clean, noise), sigma);
      }),
    );
    const ratio = seam(images, bordersOf(overlap));
    tf.dispose(images);
    return ratio.toFixed(2);
  });
  console.log(`| ${[sigma, ...row].join(' | ')} |`);
}
tf.dispose(crops);
whole.dispose();
