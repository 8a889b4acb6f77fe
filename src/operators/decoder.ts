import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkType } from '../internal/check';
import type { ForwardOperator } from './operator';

/** The two halves of an autoencoder; they treat each item of a batch alone. */
export interface Autoencoder {
  /** Image to latent, both `[batch, height, width, channels]`. */
  encode(image: Tensor4D): Tensor4D;
  /** Latent to image, differentiable by the tape of TensorFlow.js. */
  decode(latent: Tensor4D): Tensor4D;
}

/**
 * The decoder of a latent prior, as an operator: `compose(operator, decoder(autoencoder))` is the
 * operator for a sampler whose x are latents.
 *
 * `decoder(autoencoder).forward` turns the latents of the sampler into images. `encode` is called once a
 * run, for the shape of a latent. Any sampler works that needs no more than a differentiable operator:
 * `dps`, `adamDps`, `mpgd`, `sitcom`, `daps`, `redDiff`, `pnpDm`, and `spgd` with one of them as base.
 *
 * @throws TypeError for an autoencoder without encode or decode.
 *
 * Reference: Rombach et al., "High-Resolution Image Synthesis with Latent Diffusion Models", CVPR
 * 2022.
 */
export function decoder({ encode, decode }: Autoencoder): ForwardOperator {
  checkType(typeof encode === 'function', 'decoder', 'encode', 'a function', encode);
  checkType(typeof decode === 'function', 'decoder', 'decode', 'a function', decode);
  return {
    name: 'decoder',
    forward: (latent) => tf.tidy(() => decode(latent)),
    imageShape: (image) => tf.tidy(() => [...encode(tf.zeros(image)).shape]),
  };
}
