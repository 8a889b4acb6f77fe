import * as tf from '@tensorflow/tfjs';
import type { ForwardOperator } from 'spgd';
import { edmSchedule, gaussianNoise, loadDenoiser, measure, psnr, spgdSample } from 'spgd';
import { bundledPrior, readImage, useBackend, writeImage } from 'spgd/node';

await useBackend(); // native TensorFlow if it is installed, else WebAssembly

// A colour sensor: each pixel sees red, green or blue only, in blocks of 2 x 2.
const block = tf.tensor4d([1, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 1], [1, 2, 2, 3]);
const colours = tf.tile(block, [1, 32, 32, 1]);
const sensor: ForwardOperator = {
  name: 'sensor',
  forward: (x) => tf.tidy(() => tf.sum(tf.mul(x, colours), 3, true)),
  imageShape: ([batch, height, width]) => [batch, height, width, 3],
};

const photo = await readImage('photos/chelsea.png', { size: [64, 64] });
const noise = gaussianNoise(0.01);
const measurement = measure(sensor, photo, noise); // [1, 64, 64, 1]: one value a pixel

const { sample } = await spgdSample({
  denoiser: await loadDenoiser(bundledPrior),
  operator: sensor,
  measurement,
  noise,
  schedule: edmSchedule({ steps: 12 }), // few, to be quick
  warmupSteps: 3,
  learningRate: 2.5,
  seed: 1,
  onStep: ({ index, total, error }) => console.log(`${index + 1} of ${total}: ${error}`),
});
await writeImage('restored.png', sample);
console.log(`PSNR ${psnr(sample, photo).dataSync()[0]?.toFixed(1)} dB`);
