import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Browser } from 'playwright';
import { build as buildPage } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserBuild } from '../../tools/browser-build';
import { chromiumNote, executablePath, launchChromium } from './chromium';
import { noisyPhoto } from './photos';
import { type StaticServer, serveFolders } from './static-server';

const repository = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const built = repository(`out/examples-${process.pid}`);

describe.skipIf(!executablePath)(`the examples in Chromium${chromiumNote}`, () => {
  let server: StaticServer;
  let browser: Browser;
  beforeAll(async () => {
    await build(browserBuild(`${built}/spgd`));
    await buildPage({
      root: repository('examples/react'),
      configFile: repository('examples/browser/vite.config.ts'),
      logLevel: 'error',
      build: { outDir: `${built}/react` },
    });
    server = await serveFolders({
      '/react/light/': repository('models/light'),
      '/react/': `${built}/react`,
      '/spgd/': `${built}/spgd`,
      '/light/': repository('models/light'),
      '/': repository('examples/plain'),
    });
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await rm(built, { recursive: true, force: true });
  });

  it('a plain module restores a photo from the files of the package', async () => {
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on('pageerror', ({ message }) => errors.push(message));
    await page.goto(server.address);
    await page.waitForSelector('#status:has-text("Ready on wasm")', { timeout: 60_000 });
    const buffer = await noisyPhoto(repository('photos/chelsea.png'), [97, 71], 0.2);
    await page.setInputFiles('#file', { name: 'photo.png', mimeType: 'image/png', buffer });
    await page.waitForSelector('#status:has-text("Restored.")', { timeout: 60_000 });
    expect(await page.inputValue('#file')).toContain('photo.png');
    expect(errors).toEqual([]);
    await page.close();
  });

  it('a component of React restores a photo', async () => {
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on('pageerror', ({ message }) => errors.push(message));
    await page.goto(`${server.address}react/`);
    await page.waitForSelector('[role=status]:has-text("Ready.")', { timeout: 60_000 });
    const buffer = await noisyPhoto(repository('photos/chelsea.png'), [71, 97], 0.2);
    await page.setInputFiles('input', { name: 'photo.png', mimeType: 'image/png', buffer });
    await page.waitForSelector('[role=status]:has-text("Restored.")', { timeout: 60_000 });
    expect(await page.evaluate(() => document.querySelector('canvas')!.width)).toBe(71);
    expect(errors).toEqual([]);
    await page.close();
  });

  it('spgd/browser answers forecasts during a run, and ends a run within a pass', async () => {
    const page = await browser.newPage();
    await page.goto(server.address);
    // As text: Vitest would replace the import of a function.
    await page.evaluate("import('./spgd/browser.js').then((module) => { window.spgd = module; })");
    const found = await page.evaluate(async () => {
      const { createRestorer } = (window as unknown as { spgd: typeof import('spgd/browser') })
        .spgd;
      const restorer = createRestorer({ model: 'light/model.json', backend: 'wasm' });
      await restorer.ready;
      const values = new Uint8ClampedArray(4 * 64 * 48).fill(128);
      const job = { photo: { width: 64, height: 48, values }, task: 'denoise' } as const;
      const long = { ...job, method: 'diffpir', settings: { steps: 1000 } };
      const stop = new AbortController();
      const outcome = restorer.restore(long, { signal: stop.signal }).then(
        () => 'done',
        ({ name }: Error) => name,
      );
      const plans = await Promise.all([
        restorer.estimate(job),
        restorer.estimate({ ...long, settings: { steps: 7 } }),
      ]);
      stop.abort();
      const ended = await outcome;
      const { departs, held } = await restorer.restore(job);
      const wrong = await restorer
        .restore({ ...job, region: { top: 0, left: 40, height: 10, width: 30 } })
        .catch(({ message }: Error) => message);
      const unmarked = await restorer
        .restore({ ...job, task: 'repair' })
        .catch(({ message }: Error) => message);
      restorer.dispose();
      const passes = plans.map((plan) => plan.passes);
      return { passes, ended, departs, held, wrong, unmarked };
    });
    expect(found).toMatchObject({ passes: [1, 7], ended: 'AbortError', departs: false });
    expect(found.wrong).toBe(
      'restore: region must lie inside the photo of 64 x 48, got {"top":0,"left":40,"height":10,"width":30}',
    );
    expect(found.unmarked).toBe('restore: mask must mark what is missing, got nothing');
    await page.close();
  });
});
