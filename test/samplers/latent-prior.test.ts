import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import {
  type Autoencoder,
  adamDps,
  compose,
  daps,
  decoder,
  dps,
  edmSchedule,
  gaussianBlur,
  gaussianNoise,
  gaussianPrior,
  identity,
  measure,
  mpgd,
  pnpDm,
  redDiff,
  type Sampler,
  sample,
  sitcom,
  spgd,
} from 'spgd';
import { describe, expect, it } from 'vitest';
import { useTestBackend } from '../support/backend';
import { maxError } from '../support/close';
import { errorNaming } from '../support/error-naming';

/** Blocks of 2 x 2 pixels of three channels to one latent pixel of two, and back. */
const mixing = () =>
  tf.tensor2d([
    [0.8, -0.3, 0.4],
    [0.1, 0.9, -0.5],
  ]);
const mixed = (x: Tensor4D, matrix: tf.Tensor2D): Tensor4D => {
  const [batch, height, width, channels] = x.shape;
  const flat = tf.reshape(x, [batch * height * width, channels]) as tf.Tensor2D;
  return tf.reshape(tf.matMul(flat, matrix), [batch, height, width, matrix.shape[1]]);
};
const linear: Autoencoder = {
  encode: (image) => mixed(tf.avgPool(image, 2, 2, 'valid'), tf.transpose(mixing())),
  decode: (latent) => {
    const [batch, height, width] = latent.shape;
    const image = mixed(latent, mixing());
    const rows = tf.reshape(image, [batch, height, 1, width * 3]);
    const tall = tf.concat([rows, rows], 2);
    const points = tf.reshape(tall, [batch * 2 * height, width, 1, 3]);
    const wide = tf.concat([points, points], 2);
    return tf.reshape(wide, [batch, 2 * height, 2 * width, 3]);
  },
};
const nonlinear: Autoencoder = {
  encode: linear.encode,
  decode: (latent) => tf.tanh(linear.decode(latent)),
};

const samplers: Record<string, Sampler> = {
  dps: dps({ zeta: 0.5 }),
  adamDps: adamDps({ strength: 0.1 }) as unknown as Sampler,
  mpgd: mpgd({ scale: 1 }),
  sitcom: sitcom({ innerSteps: 8 }),
  daps: daps({ odeSteps: 2, innerSteps: 20, learningRate: 1e-3, decay: 0, tau: 0.15 }),
  redDiff: redDiff({ lambda: 0.1 }) as unknown as Sampler,
  pnpDm: pnpDm({ denoiseSteps: 4, rhoMin: 0.1, innerSteps: 20, learningRate: 1e-3 }),
  'spgd round dps': spgd(dps({ zeta: 0.3 }), { learningRate: 0.1, warmupSteps: 2 }),
  'spgd round daps': spgd(daps({ odeSteps: 2, innerSteps: 5, learningRate: 1e-3, tau: 0.15 }), {
    learningRate: 0.1,
    warmupSteps: 2,
  }),
};

describe('a latent prior', () => {
  useTestBackend('wasm');

  it('has latents of the shape that encode gives, and images that decode gives', () => {
    const operator = compose(gaussianBlur({ kernelSize: 3, std: 1 }), decoder(linear));
    const before = tf.memory().numTensors;
    expect(operator.imageShape!([3, 10, 14, 3])).toEqual([3, 5, 7, 2]);
    expect(tf.memory().numTensors).toBe(before);
    const latent = tf.randomUniform<tf.Rank.R4>([3, 5, 7, 2], -1, 1, 'float32', 1);
    expect(operator.forward(latent).shape).toEqual([3, 10, 14, 3]);
    expect(maxError(decoder(linear).forward(latent), linear.decode(latent))).toBe(0);
  });

  it('is refused without both halves', () => {
    const half = { encode: linear.encode } as Autoencoder;
    expect(() => decoder(half)).toThrow(
      errorNaming('TypeError', 'decoder: decode', 'a function', 'got undefined'),
    );
    expect(() => decoder({ decode: linear.decode } as Autoencoder)).toThrow(TypeError);
  });

  it.each(Object.entries(samplers))('is sampled by %s: its image fits', async (_name, sampler) => {
    const noise = gaussianNoise(0.1);
    const through = decoder(nonlinear);
    const operator = compose(identity(), through);
    const truth = tf.randomUniform<tf.Rank.R4>([1, 5, 7, 2], -1, 1, 'float32', 4);
    const measurement = measure(operator, truth, noise, { seed: 1 });
    const problem = {
      denoiser: gaussianPrior({ std: 0.6 }),
      operator,
      measurement,
      noise: gaussianNoise(0.1),
    };
    const schedule = edmSchedule({ steps: 40, sigmaMax: 10, sigmaMin: 0.1 });
    const { sample: latent } = await sample(sampler, problem, { schedule });
    expect(latent.shape).toEqual([1, 5, 7, 2]);
    const clean = operator.forward(truth);
    const off = (x: Tensor4D) => Math.sqrt(tf.mean(tf.square(tf.sub(x, clean))).dataSync()[0]!);
    const ratio = off(through.forward(latent)) / off(through.forward(tf.zerosLike(truth)));
    expect(ratio).toBeLessThan(0.5);
  });
});
