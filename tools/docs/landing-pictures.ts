/**
 * The two pictures of the landing page: a photo with noise, and what one command makes of it.
 *
 *   npx tsx tools/docs/landing-pictures.ts
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import { gaussianNoise, identity, measure, psnr } from 'spgd';
import { readImage, useBackend, writeImage } from 'spgd/node';
import { photoPath } from '../../src/cli/photo';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const [before, after] = ['before', 'after'].map((name) =>
  join(repository, 'docs', 'images', 'landing', `${name}.webp`),
) as [string, string];

await useBackend('wasm');
const clean = await readImage(photoPath('chelsea'));
const folder = await mkdtemp(join(tmpdir(), 'spgd-landing-'));
const [noisy, restored] = [join(folder, 'noisy.png'), join(folder, 'restored.png')];
const measurement = measure(identity(), clean, gaussianNoise(0.3), { seed: 0 });
await writeImage(noisy, measurement);
const started = performance.now();
const command = ['tsx', 'src/cli/main.ts', 'restore', noisy, '--out', restored];
execFileSync('npx', command, { cwd: repository, stdio: 'inherit' });
const seconds = (performance.now() - started) / 1000;
for (const [from, to] of [
  [noisy, before],
  [restored, after],
] as const) {
  const image = await readImage(from);
  const [decibels] = await tf.tidy(() => psnr(image, clean)).data();
  console.log(`${to}: PSNR ${decibels!.toFixed(2)} dB`);
  await writeImage(to, image, { quality: 85 });
  image.dispose();
}
console.log(`${seconds.toFixed(1)} s, the start of the command included`);
tf.dispose([clean, measurement]);
await rm(folder, { recursive: true });
