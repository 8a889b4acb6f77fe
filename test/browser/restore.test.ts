import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { psnr } from 'spgd';
import { readImage, useBackend } from 'spgd/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { maxError } from '../support/close';
import { chromiumNote, executablePath, pick, reach, set, stroke, useSite } from './page';

const repository = fileURLToPath(new URL('../../', import.meta.url));
const written = join(repository, 'out', `equivalent-${process.pid}`);

/** A photo of 64 x 64 pixels, as a file. */
const smallPhoto = (name: string, size = 64) =>
  sharp(join(repository, 'photos', name)).resize(size, size).png().toBuffer();

/** What a link of the page leads to. */
async function download(page: Page, click: string): Promise<Buffer> {
  const [file] = await Promise.all([page.waitForEvent('download'), page.click(click)]);
  return readFile(await file.path());
}

/** Runs a program of Node that the page gave, in a folder with its files. */
async function runInNode(code: string, files: Record<string, Buffer>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'spgd-browser-'));
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
  // Inside the repository the names spgd and spgd/node mean its sources.
  await mkdir(written, { recursive: true });
  const path = join(written, `${folder.split('/').at(-1)}.ts`);
  await writeFile(path, code);
  const home = process.cwd();
  process.chdir(folder);
  try {
    await import(/* @vite-ignore */ path);
  } finally {
    process.chdir(home);
  }
  return join(folder, 'restored.png');
}

afterAll(() => rm(written, { recursive: true, force: true }));

describe.skipIf(!executablePath)(`the page restores what Node restores${chromiumNote}`, () => {
  const site = useSite();
  beforeAll(async () => {
    await useBackend('wasm');
  });

  const cases = [
    { task: 'repair', mode: 'damaged', sampler: 'ddrm', backend: 'wasm-threads' },
    { task: 'denoise', mode: 'clean', sampler: 'spgd', backend: 'wasm-threads' },
    { task: 'enlarge', mode: 'clean', sampler: 'ddrm', backend: 'wasm' },
    { task: 'deblur', mode: 'clean', sampler: 'spgd:ddrm', backend: 'wasm' },
    { task: 'exposure', mode: 'clean', sampler: 'dps', backend: 'wasm-threads' },
  ];
  it.each(cases)('$task by $sampler on $backend', async ({ task, mode, sampler, backend }) => {
    const photo = await smallPhoto('coffee.png');
    const { page, errors } = await site.open(backend);
    await pick(page, 'photo.png', photo);
    for (const [name, value] of Object.entries({ task, mode, sampler, steps: '3', seed: '7' }))
      await set(page, name, value);
    if (sampler.startsWith('spgd')) await set(page, 'warmupSteps', '1');
    const files: Record<string, Buffer> = { 'photo.png': photo };
    if (task === 'repair') {
      await stroke(page, [0.3, 0.3, 0.6, 0.5]);
      files['mask.png'] = await download(page, '#save-mask');
    }
    await page.click('#restore');
    await reach(page, 'done');
    await page.click('#copy');
    await page.waitForFunction(() => /clipboard/.test(document.getElementById('status')!.textContent!));
    const code = await page.evaluate(() => navigator.clipboard.readText());
    const own = await download(page, '#download');
    const ownPath = join(tmpdir(), `spgd-own-${process.pid}.png`);
    await writeFile(ownPath, own);

    const inPage = await readImage(ownPath);
    const inNode = await readImage(await runInNode(code, files));
    const clean = await readImage(join(await fileOf(photo)));
    const ratio = (image: typeof clean) => psnr(image, clean).dataSync()[0]!;
    const figures = [ratio(inPage), ratio(inNode)];
    if (process.env.SPGD_REPORT)
      console.log(task, sampler, backend, figures, 'levels apart', maxError(inPage, inNode) * 127.5);
    expect(inPage.shape).toEqual(inNode.shape);
    expect(Math.abs(figures[0]! - figures[1]!)).toBeLessThan(0.1);
    // Two levels of 255: rounding apart, the pictures are the same.
    expect(maxError(inPage, inNode)).toBeLessThan(2.5 / 127.5);
    expect(errors).toEqual([]);
    await page.context().close();
  });
});

/** Bytes as a file with a name of its own. */
async function fileOf(bytes: Buffer): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'spgd-browser-')), 'clean.png');
  await writeFile(path, bytes);
  return path;
}
