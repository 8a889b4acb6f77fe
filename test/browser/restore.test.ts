import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Tensor4D } from '@tensorflow/tfjs';
import sharp from 'sharp';
import { readImage, useBackend } from 'spgd/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { maxError } from '../support/close';
import { chromiumNote, executablePath, softwareWebgpu } from './chromium';
import { download, type OpenPage, pick, set, stroke, useSite } from './page';

const repository = fileURLToPath(new URL('../../', import.meta.url));
const written = join(repository, 'out', `equivalent-${process.pid}`);

/** A photo of 64 x 64 pixels, as a file. */
const smallPhoto = (name: string, size = 64) =>
  sharp(join(repository, 'photos', name))
    .resize(size, size)
    .png()
    .toBuffer();

/** Runs a program of Node that the page gave, in a folder with its files. */
async function runInNode(code: string, files: Record<string, Buffer>): Promise<Buffer> {
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
  return readFile(join(folder, 'restored.png'));
}

/** The bytes of a file of an image, as a tensor. */
async function imageOf(bytes: Buffer): Promise<Tensor4D> {
  const path = join(await mkdtemp(join(tmpdir(), 'spgd-browser-')), 'image.png');
  await writeFile(path, bytes);
  return readImage(path);
}

afterAll(() => rm(written, { recursive: true, force: true }));

describe.skipIf(!executablePath)(`the page restores what Node restores${chromiumNote}`, () => {
  const site = useSite(softwareWebgpu);
  beforeAll(async () => {
    await useBackend('wasm');
  });

  const cases = [
    { backend: 'wasm-threads', task: 'repair', method: 'diffpir', steps: '4' },
    { backend: 'wasm-threads', task: 'denoise', method: 'dps', steps: '2' },
    { backend: 'wasm-threads', task: 'denoise', method: 'balanced', steps: '1' },
    { backend: 'wasm-threads', task: 'exposure', method: 'spgd', steps: '2' },
    { backend: 'wasm-threads', task: 'exposure', method: 'balanced', steps: '2' },
    { backend: 'wasm', task: 'deblur', method: 'best', steps: '2' },
    { backend: 'wasm', task: 'enlarge', method: 'ddrm', steps: '3' },
    { backend: 'wasm', task: 'deblur', method: 'spgd', steps: '2' },
  ];
  const pages = new Map<string, Promise<OpenPage>>();
  const openOnce = (backend: string) => {
    const open = pages.get(backend) ?? site.open(backend);
    pages.set(backend, open);
    return open;
  };

  it.for(cases)('$task by $method on $backend', async ({ backend, ...settings }) => {
    const photo = await smallPhoto('coffee.png');
    const { page, errors } = await openOnce(backend);
    await pick(page, 'photo.png', photo);
    const warmup = settings.method === 'spgd' ? { warmupSteps: '1' } : {};
    for (const [name, value] of Object.entries({ ...settings, seed: '7', ...warmup }))
      await set(page, name, value);
    const files: Record<string, Buffer> = { 'photo.png': photo };
    if (settings.task === 'repair') {
      await stroke(page, [0.3, 0.3, 0.6, 0.5]);
      files['mask.png'] = await download(page, '#save-mask');
    }
    await page.click('#restore');
    // So few steps of DPS explain no photo, which the page says.
    await page.waitForSelector('body[data-state=done]', { timeout: 90_000 });
    await page.click('#copy');
    await page.waitForSelector('#status:has-text("clipboard")');
    const code = await page.evaluate(() => navigator.clipboard.readText());

    const inPage = await imageOf(await download(page, '#download'));
    // A file left in the link would be given for the next result.
    expect(await page.getAttribute('#download', 'href')).toBe('#result');
    const inNode = await imageOf(await runInNode(code, files));
    const levels = maxError(inPage, inNode) * 127.5;
    if (process.env.SPGD_REPORT) console.log(`${settings.task}: ${levels} levels from Node`);
    expect(levels).toBeLessThan(2.5);
    expect(errors).toEqual([]);
    const side = settings.task === 'enlarge' ? 128 : 64;
    expect(inPage.shape).toEqual([1, side, side, 3]);
  });

  it('takes WebGPU if it computes rightly, and WebAssembly once the device is lost', async ({
    skip,
  }) => {
    const { page } = await site.open('webgpu', {}, '#backend:not(:empty), #error:not(:empty)');
    const backend = await page.textContent('#backend');
    skip(!backend, `this Chromium has no WebGPU: ${await page.textContent('#error')}`);
    expect(backend).toMatch(/^Computed by WebGPU: /);
    await page.workers()[0]!.evaluate(() => {
      const { _tfengine } = globalThis as unknown as { _tfengine: Engine };
      interface Engine {
        backendInstance: { device: { destroy(): void } };
      }
      _tfengine.backendInstance.device.destroy();
    });
    await page.waitForSelector('#error:has-text("WebGPU stopped")', { timeout: 90_000 });
    await page.waitForSelector('body[data-backend=wasm-threads][data-times]', { timeout: 90_000 });
    expect(await page.textContent('#backend')).toMatch(/not WebGPU|WebGPU stopped/);
  });
});
