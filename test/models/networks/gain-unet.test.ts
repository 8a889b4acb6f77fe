import { existsSync, readFileSync } from 'node:fs';
import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { loadDenoiser } from 'spgd';
import { convertCheckpoint } from 'spgd/convert';
import { describe, expect, it } from 'vitest';
import { writeSafetensors } from '../../../src/models/checkpoint/safetensors';
import { gainUnet } from '../../../src/models/networks/gain-unet';
import { testBackends, useTestBackend } from '../../support/backend';
import { bothPasses } from '../../support/both-passes';
import { maxError, relativeError } from '../../support/close';
import { readSafetensors } from '../../support/fixtures';
import { filledStateDict } from '../graph/filled-weights';
import { loadNetwork, plainLimit, runPlainGraph } from '../graph/load-network';

// Made by make-gain.py beside it.
const file = new URL('../../fixtures/models/gain.safetensors', import.meta.url);
const reference = readSafetensors(new Uint8Array(readFileSync(file)));
const config = { channels: [8, 12, 16], blocks: [1, 2, 2] } as const;
const weights = () => filledStateDict(gainUnet(config).weights);
const size = [16, 24] as const;
const convert = (metadata = reference.metadata) =>
  convertCheckpoint(writeSafetensors(weights(), metadata), { size });

/** Item k of a stored batch. */
const item = (name: string, k: number): Tensor4D =>
  tf.tidy(() => tf.split<Tensor4D>(reference.tensor<tf.Rank.R4>(name) as Tensor4D, 2)[k]!);
const time = (): Tensor1D => tf.tidy(() => tf.div(tf.log(reference.tensor('sigma')), 4));

describe.each(testBackends)('the gain network on %s', (backend) => {
  useTestBackend(backend);

  it('has the raw output of PyTorch, as a plain graph too', async () => {
    const artifacts = await convert();
    const network = await loadNetwork(artifacts);
    const inputs = { x: reference.tensor<tf.Rank.R4>('x'), t: time() };
    const raw = tf.tidy(() => network(inputs.x as Tensor4D, inputs.t));
    const plain = await runPlainGraph(artifacts, inputs);
    const errors = {
      raw: relativeError(await raw.data(), reference.values('raw')),
      plain: relativeError(plain, reference.values('raw')),
    };
    if (process.env.SPGD_REPORT) console.log(`gain ${backend} ${JSON.stringify(errors)}`);
    expect(errors.raw).toBeLessThan(1e-4);
    expect(errors.plain).toBeLessThan(plainLimit(1e-4));
    network.dispose();
  });

  it.each([0, undefined])(
    'denoises as PyTorch, with its gradient, at a memory budget of %s',
    async (memoryBudget) => {
      const denoiser = await loadDenoiser(tf.io.fromMemory(await convert()), {
        ...(memoryBudget === undefined ? {} : { memoryBudget }),
      });
      for (const [k, sigma] of reference.values('sigma').entries()) {
        const { denoised, gradient } = bothPasses(
          denoiser,
          item('x', k),
          sigma,
          item('cotangent', k),
        );
        const errors = {
          denoised: maxError(await denoised.data(), await item('denoised', k).data()),
          gradient: relativeError(await gradient.data(), await item('vjp', k).data()),
        };
        if (process.env.SPGD_REPORT) console.log(`gain ${backend} ${JSON.stringify(errors)}`);
        expect(errors.denoised).toBeLessThan(1e-4);
        expect(errors.gradient).toBeLessThan(1e-3);
      }
      denoiser.dispose();
    },
  );
});

describe('a checkpoint of a gain network', () => {
  useTestBackend('cpu');

  it('is known by its weights alone, and says what it is', async () => {
    const { spgd } = (await convert({})).userDefinedMetadata as { spgd: Record<string, unknown> };
    const { program, ...rest } = JSON.parse(JSON.stringify(spgd));
    expect(rest).toMatchObject({
      architecture: 'gain',
      config: { channels: '8,12,16', blocks: '1,2,2' },
      inChannels: 3,
      outChannels: 3,
      multipleOf: 8,
      size: [16, 24],
      preconditioning: { name: 'edm', sigmaData: 0.5, sigmaMin: 0.005 },
    });
    expect(program.output).toBe('tail.shuffle');
  });

  it('takes sigma_data from its metadata', async () => {
    const artifacts = await convert({ ...reference.metadata, sigma_data: '0.25' });
    expect(artifacts.userDefinedMetadata).toMatchObject({
      spgd: { preconditioning: { name: 'edm', sigmaData: 0.25 } },
    });
  });

  it('is refused by name where something is wrong', async () => {
    const { 'mid.0.a.weight': _, ...lacking } = weights();
    const refusal = (...args: Parameters<typeof convertCheckpoint>) =>
      convertCheckpoint(args[0], { name: 'gain.safetensors', ...args[1] }).catch(String);
    const whole = writeSafetensors(weights());
    expect([
      await refusal(writeSafetensors(lacking)),
      await refusal(whole, { preset: 'ffhq256' }),
      await refusal(whole, { config: { image_size: 64 } }),
      await refusal(whole, { size: [20, 24] }),
      await refusal(writeSafetensors(weights(), { sigma_data: '0' })),
      await refusal(writeSafetensors(weights(), { preconditioning: 'vp' })),
      await refusal(writeSafetensors({}, { architecture: 'gain' })),
    ]).toMatchInlineSnapshot(`
      [
        "RangeError: convertCheckpoint: gain.safetensors: it is no gain network: it lacks mid.0.a.weight; it has unknown mid.1.e.weight, mid.1.e.bias, mid.1.a.weight and 3 more",
        "RangeError: convertCheckpoint: preset must be left out for a gain network, whose weights tell it, got ffhq256",
        "RangeError: convertCheckpoint: config must be left out for a gain network, whose weights tell it, got [image_size]",
        "RangeError: convertCheckpoint: size must be height and width that divide by 8, got [20, 24]",
        "RangeError: convertCheckpoint: sigma_data must be a number > 0, got 0",
        "RangeError: convertCheckpoint: preconditioning must be 'edm' for a gain network, got vp",
        "InputError: gain.safetensors: holds no tensors",
      ]
    `);
  });
});

const start = new URL(
  /* @vite-ignore */ '../../../../shared/weights/gain64.safetensors',
  import.meta.url,
);

describe.skipIf(!existsSync(start))('trained weights (skipped: no ../shared/weights)', () => {
  useTestBackend('wasm');

  it('denoise a smooth image far better than they find it', async () => {
    const artifacts = await convertCheckpoint(new Uint8Array(readFileSync(start)), {
      dtype: 'float16',
    });
    const denoiser = await loadDenoiser(tf.io.fromMemory(artifacts));
    const sigma = 0.4; // 51 of 255
    const [height, width] = [48, 64] as const;
    const clean = tf.tidy(() => {
      const x = tf.sin(tf.linspace(0, 4, width));
      const y = tf.cos(tf.linspace(0, 3, height));
      const plane = tf.mul(tf.reshape(y, [1, height, 1, 1]), tf.reshape(x, [1, 1, width, 1]));
      return tf.mul(tf.tile<Tensor4D>(plane as Tensor4D, [1, 1, 1, 3]), 0.7);
    });
    const noise = tf.randomNormal<tf.Rank.R4>([1, height, width, 3], 0, sigma, 'float32', 7);
    const denoised = denoiser.denoise(tf.add(clean, noise), sigma);
    const rms = tf.sqrt(tf.mean(tf.squaredDifference(denoised, clean))).dataSync()[0]!;
    if (process.env.SPGD_REPORT) console.log(`gain64: error ${rms} of sigma ${sigma}`);
    expect(rms).toBeLessThan(sigma / 5);
    denoiser.dispose();
  });
});
