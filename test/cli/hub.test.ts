import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { psnr } from 'spgd';
import { readImage, writeImage } from 'spgd/node';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { useTestBackend } from '../support/backend';
import { tinyHubModel } from '../support/hub-model';
import { commit, useHubServer } from '../support/hub-server';
import { runCommand } from '../support/run-command';

const hub = useHubServer();
const photo = fileURLToPath(new URL('../../photos/coffee.png', import.meta.url));
const trained = fileURLToPath(
  new URL(/* @vite-ignore */ '../../../shared/weights/gain64.safetensors', import.meta.url),
);

let root: string;
const path = (name: string) => join(root, name);

/** Runs the command; the exit code and what it printed. */
async function spgd(...args: string[]): Promise<string> {
  const { code, said } = await runCommand(root, ...args);
  return `${code} ${said}`;
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'spgd-cli-hub-'));
  vi.stubEnv('HF_ENDPOINT', hub.endpoint);
  vi.stubEnv('HF_TOKEN', 'secret');
  vi.stubEnv('HF_HUB_OFFLINE', '');
  vi.stubEnv('SPGD_HUB_CACHE', path('cache'));
  hub.models.set('someone/tiny', tinyHubModel());
});
afterEach(() => vi.unstubAllEnvs());

describe('the command takes a model of the hub by its name', () => {
  useTestBackend('wasm');

  it('spgd convert says what it fetched, and spgd info shows it', async () => {
    const said = await spgd('convert', 'hf:someone/tiny', '--out', path('a'));
    expect(said).toMatch(/^0 /);
    expect(said).toContain(
      `fetched someone/tiny/diffusion_pytorch_model.safetensors at ${commit}; its licence is stated as apache-2.0`,
    );
    expect(hub.requests.some(({ token }) => token === 'Bearer secret')).toBe(true);
    const { spgd: metadata } = JSON.parse(
      await readFile(path('a/model.json'), 'utf8'),
    ).userDefinedMetadata;
    expect(metadata.origin.revision).toBe(commit);
    const shown = await spgd('info', path('a'), '--backend', 'wasm');
    expect(shown).toMatch(
      /^origin +someone\/tiny\/diffusion_pytorch_model\.safetensors at 0123456789/m,
    );
    expect(shown).toMatch(/^licence +apache-2\.0, as its author states it$/m);
    expect(shown).toMatch(/^trained on +images of 16 x 16$/m);
    hub.requests.length = 0;
    vi.stubEnv('HF_HUB_OFFLINE', '1');
    expect(await spgd('convert', 'hf:someone/tiny', '--out', path('b'))).toMatch(/^0 /);
    expect(hub.requests).toEqual([]);
    expect(await spgd('convert', 'hf:someone/none', '--out', path('b'))).toBe(
      '2 spgd: hf:someone/none: is not in the cache, and the hub is not asked (offline)\n',
    );
  });

  it.skipIf(!existsSync(trained))(
    'spgd restore goes from the name to a restored photo (skipped without ../shared/weights)',
    async () => {
      hub.models.set('someone/light', { 'gain64.safetensors': readFileSync(trained) });
      const clean = await readImage(photo, { size: [64, 64] });
      const noise = tf.randomNormal<tf.Rank.R4>([1, 64, 64, 3], 0, 0.3, 'float32', 3);
      const noisy = tf.clipByValue(tf.add<Tensor4D>(clean, noise), -1, 1);
      await writeImage(path('noisy.png'), noisy);
      const files = [path('noisy.png'), '--out', path('restored.png')];
      const quick = ['--noise-std', '0.3', '--quality', 'fast', '--backend', 'wasm'];
      const said = await spgd('restore', ...files, '--model', 'hf:someone/light', ...quick);
      expect(said).toMatch(/^0 /);
      const [before, after] = await Promise.all(
        [noisy, await readImage(path('restored.png'))].map(
          async (image) => (await psnr(image, clean).data())[0]!,
        ),
      );
      if (process.env.SPGD_REPORT) console.log(`${before} dB restored to ${after} dB`);
      expect(after! - before!).toBeGreaterThan(5);
    },
  );
});
