import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { blurKernel } from 'spgd/tasks';
import { beforeEach, expect, it, vi } from 'vitest';
import { type PhotoDiagnosis, taskFor } from '../../../src/cli/restore/diagnose-photo';
import type { RestoreOptions } from '../../../src/cli/restore/restore-options';
import { run } from '../../../src/cli/run';
import { normalNumber, uniformGenerator } from '../../../src/internal/random';
import { blurred, deadLeaves } from '../../tasks/dead-leaves';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'spgd-diagnose-'));
});

const [height, width] = [200, 264];

/** Squares of two greys, softened by a blur and with noise in grey levels. */
async function squares({ blur = 0, noise = 0 }) {
  const plain = Uint8Array.from({ length: height * width }, (_, at) =>
    (Math.floor(Math.floor(at / width) / 50) + Math.floor((at % width) / 66)) % 2 ? 170 : 90,
  );
  const raw = { width, height, channels: 1 } as const;
  const soft = sharp(plain, { raw });
  const values = await (blur ? soft.blur(blur) : soft).extractChannel(0).raw().toBuffer();
  const uniform = uniformGenerator('measure', 3);
  const noisy = values.map((v) => v + noise * normalNumber(uniform));
  return sharp(noisy, { raw });
}

/** What `--dry-run` plans for a photo, and what it says of it. */
async function planned(path: string, ...options: string[]) {
  const [json, said] = [vi.spyOn(console, 'log'), vi.spyOn(console, 'error')].map((spy) =>
    spy.mockImplementation(() => {}),
  );
  try {
    expect(await run(['restore', path, '--dry-run', ...options])).toBe(0);
    const [found] = JSON.parse(json!.mock.calls.map(([text]) => String(text)).join('\n'));
    return { ...found, said: said!.mock.calls.map(([text]) => String(text)).join('\n') };
  } finally {
    for (const spy of [json, said]) spy!.mockRestore();
  }
}

it('sees noise', async () => {
  const path = join(root, 'noisy.png');
  await (await squares({ noise: 12 })).png().toFile(path);
  const { plan, noise, said } = await planned(path);
  expect(plan.task).toBe('denoising');
  expect(noise.std * 127.5).toBeGreaterThan(0.85 * 12);
  expect(noise.std * 127.5).toBeLessThan(1.15 * 12);
  expect(said).toContain('visible noise');
});

/** Leaves that a Gaussian of 2.5 pixels blurs. */
async function softLeaves(path: string): Promise<void> {
  const kernel = blurKernel({ kind: 'gaussian', size: 2.5 });
  const { values, ...size } = blurred(deadLeaves(150, 140, 6), kernel);
  const levels = Uint8Array.from(values, (v) => Math.round(127.5 * (v + 1)));
  await sharp(levels, { raw: { ...size, channels: 1 } })
    .png()
    .toFile(path);
}

it('sees a blur, and how wide it is', async () => {
  const path = join(root, 'soft.png');
  await softLeaves(path);
  const { plan, said } = await planned(path);
  expect(plan.task).toBe('gaussian-blur');
  expect(plan.blurStd).toBeGreaterThan(2.2);
  expect(plan.blurStd).toBeLessThan(2.8);
  expect(said).toContain('a Gaussian blur of');
});

it('leaves an uncertain blur that no screen shows, where there is noise to remove', () => {
  const blur = { kind: 'gaussian', size: 1.7 } as const;
  const taskAt = (width: number, confidence: number, std = 0.06): string => {
    const noise = { std, confidence: 1, sharedStd: 0 };
    const estimate = { blur, cautious: blur, confidence, evidence: 9, isBlurred: true };
    const treated = { std, source: 'estimated', isFound: std > 0 };
    const found = { path: 'x', height: 300, width, blur: estimate, noise, treated, isGray: false };
    const clipped = { bright: 0, dark: 0 };
    return taskFor({ ...found, clipped } as unknown as PhotoDiagnosis, {} as RestoreOptions).task;
  };
  expect(taskAt(4000, 0.6)).toBe('denoising');
  expect(taskAt(3000, 0.6)).toBe('gaussian-blur');
  expect(taskAt(4000, 0.95)).toBe('gaussian-blur');
  expect(taskAt(4000, 0.6, 0)).toBe('gaussian-blur');
});

it('sees the quality of a JPEG', async () => {
  const path = join(root, 'small.jpg');
  await (await squares({ blur: 0.8 })).jpeg({ quality: 15 }).toFile(path);
  const { plan, jpeg } = await planned(path);
  expect(plan.task).toBe('jpeg');
  expect(jpeg).toContain('quality 15');
});

it('plans what the options say, as a run does', async () => {
  const path = join(root, 'soft.png');
  await softLeaves(path);
  const { plan } = await planned(path, '--noise-std', '0.1');
  expect(plan).toEqual({ task: 'denoising', reason: '--noise-std is given' });
});

it('asks where it sees nothing that it could undo', async () => {
  const path = join(root, 'sharp.png');
  await (await squares({ noise: 0.3 })).png().toFile(path);
  const { plan } = await planned(path);
  expect(plan.task).toBeUndefined();
  expect(plan.reason).toContain('--blur-std');
});
