/**
 * Denoising by a prior, on crops of photos that it was not trained on:
 *
 *   npm run bench:denoise -- --photos folder
 *
 * Prints the PSNR of `D(x + sigma n; sigma)` for each size of the crops and each noise level, and
 * how far D leaves [-1, 1] at every sigma that a sampler asks for.
 */
import * as tf from '@tensorflow/tfjs';
import { Command } from 'commander';
import { loadDenoiser, psnr, tiledDenoiser } from 'spgd';
import { useBackend } from 'spgd/node';
import { modelSource } from '../src/cli/model-source';
import { readCrops } from './crops';

const program = new Command()
  .requiredOption('--photos <folder>', 'photos to measure on')
  .option('--sizes <list>', 'height x width of the crops', '48,64,96,128,80x112,256')
  .option('--levels <list>', 'noise in grey levels of 255', '15,25,50,100')
  .option('--sigmas <list>', 'noise of the range', '0.01,0.1,1,3,10,30,100')
  .option('--count <n>', 'number of photos, in the order of their names', Number, 8)
  .option('--reduce <n>', 'how much photos are reduced for crops below 192 pixels', Number, 3)
  .option('--tile <pixels>', 'denoise tiles of this side, blended', Number)
  .option('--model <path>', 'another prior')
  .option('--precision <name>', 'of the convolutions: float32 or bfloat16', 'float32')
  .option('--backend <name>', 'backend of TensorFlow.js', 'auto')
  .parse();
const options = program.opts();
const numbers = (list: string) => list.split(',').map(Number);

const { name, reason } = await useBackend(options.backend);
console.log(`backend ${name} (${reason})`);
const source = modelSource(options.model);
const whole = await loadDenoiser(source, { precision: options.precision });
const denoiser = options.tile ? tiledDenoiser(whole, { size: options.tile }) : whole;
const cropsOf = (size: number, width = size): Promise<tf.Tensor4D[]> => {
  const reduce = Math.max(size, width) < 192 ? options.reduce : 1;
  return readCrops({ photos: options.photos, count: options.count, skip: 0, reduce, size, width });
};

/** `D` of the crop under noise that is the same at every call. */
const denoised = (clean: tf.Tensor4D, sigma: number, seed: number): tf.Tensor4D =>
  tf.tidy(() => {
    const noise = tf.randomNormal(clean.shape, 0, sigma, 'float32', seed + 1);
    return denoiser.denoise(tf.add(clean, noise) as tf.Tensor4D, sigma);
  });

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

console.log(`\nPSNR in dB, mean over ${options.count} crops, at noise of ${options.levels} of 255`);
for (const size of options.sizes.split(',')) {
  const [height, width] = size.split('x').map(Number) as [number, number?];
  const crops = await cropsOf(height, width);
  const row = numbers(options.levels).map((level) => {
    const values = crops.map((clean, seed) =>
      tf.tidy(() => psnr(denoised(clean, (2 * level) / 255, seed), clean).dataSync()[0]!),
    );
    return mean(values).toFixed(2);
  });
  console.log(`${size.padEnd(8)} ${row.join('  ')}`);
  tf.dispose(crops);
}

console.log('\nsigma: least and largest value of D, and the PSNR of D in dB, crops of 64 px');
const crops = await cropsOf(64);
for (const sigma of numbers(options.sigmas)) {
  const rows = crops.map((clean, seed) =>
    tf.tidy(() => {
      const image = denoised(clean, sigma, seed);
      const values = [tf.min(image), tf.max(image), psnr(image, clean)];
      return values.map((value) => value.dataSync()[0]!);
    }),
  );
  const least = Math.min(...rows.map(([low]) => low!));
  const largest = Math.max(...rows.map(([, high]) => high!));
  const quality = mean(rows.map(([, , value]) => value!));
  console.log(`${sigma}: ${least.toFixed(2)} to ${largest.toFixed(2)}, ${quality.toFixed(2)}`);
}
tf.dispose(crops);
whole.dispose();
