import * as tf from '@tensorflow/tfjs';
import { loadDenoiser, psnr } from 'spgd';
import { readImage } from 'spgd/node';
import { describe, expect, it } from 'vitest';
import { modelSource } from '../../src/cli/model-source';
import { useTestBackend } from '../support/backend';

describe('the bundled priors', () => {
  useTestBackend('cpu');

  it.each(['light', 'prior64'] as const)(
    '%s gives nothing worse than its input by 1 dB, down to sigma 0',
    async (name) => {
      const denoiser = await loadDenoiser(modelSource(name));
      const photo = await readImage('photos/coffee.png', { size: [32, 32] });
      const noise = tf.randomNormal<tf.Rank.R4>(photo.shape, 0, 1, 'float32', 1);
      for (const sigma of [1e-4, 0.001, 0.003, 0.01, 0.1, 1]) {
        const noisy = tf.add<tf.Tensor4D>(photo, tf.mul(noise, sigma));
        const [before, after] = [noisy, denoiser.denoise(noisy, sigma)].map(
          (image) => psnr(image, photo).dataSync()[0]!,
        );
        expect(after, `sigma ${sigma}`).toBeGreaterThan(before! - 1);
      }
      denoiser.dispose();
    },
  );
});
