import * as tf from '@tensorflow/tfjs';
import { cosineBetas, loadDenoiser } from 'spgd';
import { convertCheckpoint } from 'spgd/convert';
import { describe, expect, it } from 'vitest';
import { writeSafetensors } from '../../../src/models/checkpoint/safetensors';
import { useTestBackend } from '../../support/backend';
import { filledTensors, tinySettings } from '../graph/filled-model';

const convert = async (flags: object) => {
  const config = { ...tinySettings, ...flags };
  const artifacts = await convertCheckpoint(writeSafetensors(filledTensors()), { config });
  return artifacts.userDefinedMetadata as { spgd: Record<string, unknown> };
};
const processOf = async (flags: object) => (await convert(flags)).spgd.preconditioning;
const vp = { name: 'vp', betaD: 19.9, betaMin: 0.1, prediction: 'noise' };

describe('flags of guided-diffusion', () => {
  it('of training and sampling change nothing', async () => {
    const flags = { use_fp16: 'True', dropout: 0.1, use_checkpoint: true, lr: 1e-4 };
    const { spgd } = await convert({ ...flags, timestep_respacing: '250', use_ddim: false });
    expect(spgd.config).toEqual(tinySettings);
    expect(spgd.preconditioning).toEqual(vp);
  });

  it('of the noise process are understood', async () => {
    expect(await processOf({ noise_schedule: 'linear', diffusion_steps: '1000' })).toEqual(vp);
    expect(await processOf({ predict_xstart: 'True' })).toEqual({ ...vp, prediction: 'image' });
    expect(await processOf({ model_mean_type: 'start_x', predict_xstart: true })).toEqual({
      ...vp,
      prediction: 'image',
    });
    expect(await processOf({ diffusion_steps: 4000 })).toEqual({ ...vp, steps: 4000 });
    // Times of 0 to 999.75, as guided-diffusion rescales 0 to 3999.
    expect(await processOf({ steps: 4000, rescale_timesteps: true })).toEqual({
      ...vp,
      steps: 1000.75,
    });
    expect(await processOf({ noise_schedule: 'cosine', diffusion_steps: 40 })).toEqual({
      name: 'ddpm',
      betas: cosineBetas(40),
      clip: true,
      prediction: 'noise',
    });
    const rescaled = { rescale_timesteps: true };
    expect(
      await processOf({ noise_schedule: 'cosine', diffusion_steps: 40, ...rescaled }),
    ).toMatchObject({ name: 'ddpm', rescaled: true });
  });

  it('are refused by name where they are not', async () => {
    const wrong = [
      { noise_schedule: 'sqrt' },
      { noise_schedule: 'cosine', beta_d: 10 },
      { model_mean_type: 'previous_x' },
      { model_mean_type: 'epsilon', predict_xstart: true },
      { predict_xstart: 'maybe' },
      { diffusion_steps: 1e15 },
      { small_size: 64 },
    ];
    const messages = await Promise.all(wrong.map((flags) => processOf(flags).catch(String)));
    expect(messages).toMatchInlineSnapshot(`
      [
        "RangeError: convertCheckpoint: noise_schedule must be linear or cosine, got sqrt",
        "RangeError: convertCheckpoint: beta_d must be left out where noise_schedule is cosine, got 10",
        "RangeError: convertCheckpoint: model_mean_type must be one of epsilon, start_x, got previous_x",
        "RangeError: convertCheckpoint: prediction must be the same in prediction, predict_xstart and model_mean_type, got [noise, image]",
        "TypeError: convertCheckpoint: predict_xstart must be true or false, got maybe",
        "RangeError: convertCheckpoint: diffusion_steps must be at most 100000, got 1000000000000000",
        "RangeError: convertCheckpoint: config must be made of the flags of guided-diffusion, got small_size",
      ]
    `);
  });
});

describe('a network of the cosine schedule', () => {
  useTestBackend('cpu');

  it('is loaded as DDPM at its own timesteps', async () => {
    const config = { ...tinySettings, noise_schedule: 'cosine', diffusion_steps: 40 };
    const artifacts = await convertCheckpoint(writeSafetensors(filledTensors()), { config });
    const given = JSON.parse(JSON.stringify(artifacts.userDefinedMetadata));
    expect(given.spgd.preconditioning.betas).toHaveLength(40);
    const denoiser = await loadDenoiser(tf.io.fromMemory(artifacts));
    const x = tf.fill<tf.Rank.R4>([1, 8, 12, 3], 0.25);
    const values = denoiser.denoise(x, 0.5).dataSync();
    expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(1);
    denoiser.dispose();
    x.dispose();
  });
});
