import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { fileHandler, useBackend } from 'spgd/node';
import { beforeAll, expect, test } from 'vitest';
import { filledModel } from '../../models/graph/filled-model';
import { runCommand } from '../../support/run-command';

let root: string;
const at = (name: string) => join(root, name);

const restore = (photo: string, ...args: string[]) => {
  const common = ['--model', at('model'), '--backend', 'wasm', '--workers', '1'];
  return runCommand(root, 'restore', at(photo), ...common, ...args);
};

const levels = async (name: string) =>
  sharp(await readFile(at(name)))
    .raw()
    .toBuffer();

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'spgd-samples-'));
  await useBackend('wasm');
  const url = pathToFileURL(join(at('model'), 'model.json')).href;
  await fileHandler(url).save(await filledModel());
  const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const;
  await sharp({ create: { width: 37, height: 31, channels: 3, background: '#888', noise } })
    .png()
    .toFile(at('noisy.png'));
  const speck = '<rect x="5" y="6" width="3" height="2" fill="#00f"/>';
  await sharp(
    Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="37" height="31">${speck}</svg>`),
  )
    .png()
    .toFile(at('mask.png'));
});

test('several samples of noise are drawn, not the same estimate over and over, and it is said', async () => {
  const { code, said } = await restore(
    'noisy.png',
    '--samples',
    '3',
    '--keep',
    'all',
    '--steps',
    '2',
  );
  expect(code).toBe(0);
  expect(said).toMatch(/sampler: diffpir with settings for samples/);
  expect(said).toMatch(/plan: samples 3, regions 1/);
  const drawn = await Promise.all([0, 1, 2].map((k) => levels(`noisy-restored-${k}.png`)));
  expect(Buffer.compare(drawn[0]!, drawn[1]!)).not.toBe(0);
  const mean = await levels('noisy-restored.png');
  for (let i = 0; i < mean.length; i++) {
    const sum = drawn.reduce((total, one) => total + one[i]!, 0);
    // Samples are clipped and rounded before they are compared here.
    if (drawn.every((one) => one[i]! > 0 && one[i]! < 255))
      expect(Math.abs(mean[i]! - sum / 3)).toBeLessThan(1.01);
  }
  expect(said).toMatch(
    /it (explains|does not explain) the photo: .* times the variance of the noise/,
  );
  expect(said).toMatch(
    /wrote <root>\/noisy-restored-std.png and <root>\/noisy-restored-report.html/,
  );
  const page = await readFile(at('noisy-restored-report.html'), 'utf8');
  expect(page.match(/alt="sample \d"/g)).toHaveLength(3);
  expect(page).toContain('id="play"');
  expect((await readdir(root)).filter((name) => /resume|lock/.test(name))).toEqual([]);
});

test('a sample is the picture that its seed gives alone', async () => {
  const own = ['--sampler', 'diffpir', '--steps', '2'];
  await restore('noisy.png', ...own, '--samples', '2', '--keep', 'all', '--out', at('two.png'));
  await restore('noisy.png', ...own, '--seed', '1', '--out', at('one.png'));
  expect(Buffer.compare(await levels('two-1.png'), await levels('one.png'))).toBe(0);
});

test('the samples alone are not written unless they are asked for', async () => {
  await restore('noisy.png', '--samples', '2', '--steps', '1', '--out', at('mean.png'));
  const written = (await readdir(root)).filter((name) => name.startsWith('mean'));
  expect(written.sort()).toEqual(['mean-report.html', 'mean-std.png', 'mean.png']);
});

test('only what was missing has a spread, and all else stays bit for bit', async () => {
  const own = ['--mask', at('mask.png'), '--steps', '3', '--out', at('filled.png'), '--json'];
  const { code, out } = await restore('noisy.png', ...own, '--samples', '3');
  expect(code).toBe(0);
  const [{ spread }] = JSON.parse(out.trim().split('\n').at(-1)!).results;
  expect(spread).toMatchObject({ count: 3, isCalibrated: false });
  expect(spread.whole.pixels).toBe(6);
  expect(spread.regions).toHaveLength(1);
  expect(spread.regions[0]).toMatchObject({ top: 6, left: 5, height: 2, width: 3, pixels: 6 });
  const [before, after] = [await levels('noisy.png'), await levels('filled.png')];
  let changed = 0;
  for (let i = 0; i < before.length; i++) if (before[i] !== after[i]) changed++;
  expect(changed).toBeGreaterThan(0);
  expect(changed).toBeLessThanOrEqual(18);
});

test('a sampler without spread is rejected', async () => {
  const { code, err } = await restore('noisy.png', '--sampler', 'mmse', '--samples', '2');
  expect([code, err.trim().split('\n').at(-1)]).toMatchInlineSnapshot(`
    [
      2,
      "spgd: restore: --samples needs a sampler that draws from the posterior, and mmse gives one estimate: leave --sampler out",
    ]
  `);
});

test('an interrupted run has the mean of the samples so far, and goes on to the identical files', async () => {
  const own = ['--samples', '4', '--sampler', 'diffpir', '--steps', '3'];
  await restore('noisy.png', ...own, '--out', at('whole.png'));
  const pending = restore('noisy.png', ...own, '--out', at('part.png'));
  const third = join(at('part-2.png.resume'), 'piece-0.state');
  while (!existsSync(third)) await new Promise((resolve) => setTimeout(resolve, 1));
  process.emit('SIGINT');
  const { code, said } = await pending;
  expect(code).toBe(130);
  expect(said).toMatch(/wrote <root>\/part.png: mean of [23] of 4 samples/);
  expect(existsSync(at('part-std.png'))).toBe(true);
  const rest = await restore('noisy.png', ...own, '--resume', '--out', at('part.png'));
  expect(rest.code).toBe(0);
  for (const kind of ['', '-std'])
    expect(Buffer.compare(await levels(`part${kind}.png`), await levels(`whole${kind}.png`))).toBe(
      0,
    );
  expect((await readdir(root)).filter((name) => /resume|lock/.test(name))).toEqual([]);
});
