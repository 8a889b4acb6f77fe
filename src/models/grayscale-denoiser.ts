import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { noiseBetween } from '../internal/noise-between';
import type { Denoiser } from './denoiser';
import { linearize } from './linearize';
import { linearized } from './linearized';

/** Colours of the inner denoiser. */
const channels = 3;

/** How much more noise the inner denoiser sees: the mean of three channels has sigma again. */
const gain = Math.sqrt(channels);

/** Any number: the noise of the colours is the same at every call, so D is a function. */
const seed = 1;

/** Equal channels with noise between them: together independent noise of `gain * sigma` in each. */
function coloured(x: Tensor4D, sigma: number): Tensor4D {
  const [batch, height, width] = x.shape;
  const between = noiseBetween([1, height, width, channels], gain * sigma, seed);
  return tf.add(tf.tile(x, [1, 1, 1, channels]), tf.tile(between, [batch, 1, 1, 1]));
}

/**
 * A denoiser of images of one channel, from one of images of three.
 *
 * `D(x; sigma) = mean_c D_rgb([x, x, x] + e; sqrt(3) sigma)_c`, where e is fixed noise whose mean over the
 * channels is 0, with the variance that makes the noise of the three channels independent. A grey image
 * of three equal channels has equal noise in them, which a prior of colours takes for texture: it removes
 * little of it. With e the prior sees the noise that it was trained on.
 *
 * `dispose` disposes the inner denoiser.
 *
 * @throws RangeError when the inner denoiser takes images of another number of channels.
 */
export function grayscaleDenoiser(denoiser: Denoiser): Denoiser {
  const { imageShape, multipleOf, sigmaRange } = denoiser;
  const own = imageShape?.[2] ?? channels;
  if (own !== channels)
    throw new RangeError(
      `grayscaleDenoiser: denoiser must take images of ${channels} channels, got ${own}`,
    );
  return {
    denoise: (x, sigma) =>
      tf.tidy(() => tf.mean(denoiser.denoise(coloured(x, sigma), gain * sigma), 3, true)),
    linearize: (x, sigma) =>
      linearized((keep) => {
        const inner = keep(linearize(denoiser, coloured(x, sigma), gain * sigma));
        const backward = (cotangent: Tensor4D): Tensor4D => {
          const spread = tf.tile(tf.div(cotangent, channels), [1, 1, 1, channels]) as Tensor4D;
          return tf.sum(inner.backward(spread), 3, true);
        };
        return { denoised: tf.mean<Tensor4D>(inner.denoised, 3, true), backward };
      }),
    imageShape: [imageShape?.[0] ?? null, imageShape?.[1] ?? null, 1],
    ...(multipleOf && { multipleOf }),
    ...(sigmaRange && { sigmaRange: [sigmaRange[0] / gain, sigmaRange[1] / gain] as const }),
    ...(denoiser.dispose && { dispose: () => denoiser.dispose!() }),
  };
}
