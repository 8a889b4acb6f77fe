/**
 * PSNR, SSIM and LPIPS of pictures against the one that they should be:
 *
 *   npx tsx bench/compare.ts --reference photo.png --size 192 --lpips models/lpips-squeeze restored.png …
 */
import * as tf from '@tensorflow/tfjs';
import { Command } from 'commander';
import { loadLpips, psnr, ssim } from 'spgd';
import { readImage, useBackend } from 'spgd/node';
import { modelSource } from '../src/cli/model-source';

const program = new Command()
  .argument('<pictures...>', 'pictures of one size')
  .requiredOption('--reference <file>', 'what they should be')
  .option('--size <pixels>', 'the reference is resized to this side first', Number)
  .option('--lpips <path>', 'a converted LPIPS model')
  .parse();
const { reference, size, lpips } = program.opts();
await useBackend('auto');
const metrics: [string, (a: tf.Tensor4D, b: tf.Tensor4D) => tf.Tensor1D][] = [
  ['PSNR', psnr],
  ['SSIM', ssim],
];
if (lpips) metrics.push(['LPIPS', await loadLpips(modelSource(lpips))]);
const clean = await readImage(reference, size ? { size: [size, size] } : {});
console.log(`| | ${metrics.map(([name]) => name).join(' | ')} |`);
console.log(`|---|${metrics.map(() => '---|').join('')}`);
for (const path of program.args) {
  const picture = await readImage(path);
  const figures = metrics.map(([, metric]) =>
    tf.tidy(() => metric(picture, clean).dataSync()[0]!.toFixed(3)),
  );
  console.log(`| ${path} | ${figures.join(' | ')} |`);
  picture.dispose();
}
