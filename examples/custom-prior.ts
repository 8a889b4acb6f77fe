import * as tf from '@tensorflow/tfjs';
import type { Denoiser } from 'spgd';
import {
  ddrm,
  edmSchedule,
  gaussianNoise,
  inpainting,
  measure,
  psnr,
  randomMask,
  sample,
} from 'spgd';
import { readImage, useBackend } from 'spgd/node';

await useBackend();

/** Averages neighbouring pixels, more strongly at higher noise levels. */
const smooth: Denoiser = {
  denoise: (x, sigma) =>
    tf.tidy(() => {
      const reach = 1 + 2 * Math.ceil(2 * sigma); // an odd number of pixels
      const share = sigma ** 2 / (sigma ** 2 + 0.02);
      const near = tf.avgPool(tf.avgPool(x, reach, 1, 'same'), reach, 1, 'same');
      return tf.add(tf.mul(near, share), tf.mul(x, 1 - share));
    }),
};

const photo = await readImage('photos/coffee.png', { size: [48, 64] });
const operator = inpainting({ mask: randomMask({ height: 48, width: 64, missing: 0.5 }) });
const noise = gaussianNoise(0.02);
const measurement = measure(operator, photo, noise);
const { sample: restored } = await sample(
  ddrm(),
  { denoiser: smooth, operator, measurement, noise },
  { schedule: edmSchedule({ steps: 30, sigmaMax: 3 }), seed: 1 },
);
for (const image of [measurement, restored])
  console.log(`PSNR ${psnr(image, photo).dataSync()[0]?.toFixed(1)} dB`);
