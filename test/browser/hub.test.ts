import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright';
import { psnr } from 'spgd';
import { readImage, useBackend } from 'spgd/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tinyHubModel } from '../support/hub-model';
import { useHubServer } from '../support/hub-server';
import { chromiumNote, executablePath, launchChromium } from './chromium';
import { type Order, type page as offered, restore } from './hub-page';

const root = fileURLToPath(new URL('../../', import.meta.url));
const trained = `${root}../shared/weights/gain64.safetensors`;
const wasmFolder = `${root}node_modules/@tensorflow/tfjs-backend-wasm/dist/`;

declare const spgdPage: { page: typeof offered };

/** The script of the page, with the library in it. */
async function script(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [`${root}test/browser/hub-page.ts`],
    bundle: true,
    format: 'iife',
    globalName: 'spgdPage',
    write: false,
    alias: { spgd: `${root}src/index.ts`, 'spgd/convert': `${root}src/models/convert/index.ts` },
    logLevel: 'error',
  });
  return outputFiles[0]!.text;
}

describe.skipIf(!executablePath)(`a page takes a model of the hub${chromiumNote}`, () => {
  const hub = useHubServer();
  const isTrained = existsSync(trained);
  let browser: Browser;
  let page: Page;
  let origin: string;
  const site = createServer();
  const foreign: string[] = [];

  beforeAll(async () => {
    await useBackend('wasm');
    browser = await launchChromium();
    page = await browser.newPage();
    const code = await script();
    const html = '<!doctype html><script src="page.js"></script>';
    site.on('request', ({ url }, response) => {
      const name = url!.slice(1);
      const isWasm = name.endsWith('.wasm');
      const kind = isWasm ? 'application/wasm' : name === '' ? 'text/html' : 'text/javascript';
      response.setHeader('content-type', kind);
      response.end(isWasm ? readFileSync(wasmFolder + name) : name === 'page.js' ? code : html);
    });
    await new Promise<void>((done) => site.listen(0, 'localhost', done));
    origin = `http://localhost:${(site.address() as AddressInfo).port}/`;
    await page.route('https://huggingface.co/**', (route) => {
      foreign.push(route.request().url());
      return route.abort();
    });
    const model = isTrained ? { 'gain64.safetensors': readFileSync(trained) } : tinyHubModel();
    hub.models.set('someone/model', model);
  });
  afterAll(async () => {
    await browser?.close();
    site.close();
  });

  const open = async () => {
    await page.goto(origin);
    const backend = await page.evaluate((wasm) => spgdPage.page.start(wasm), origin);
    expect(backend).toBe('wasm');
  };

  it('from the name to a restored photo, as Node restores it, and again offline', async () => {
    const sigma = 0.3;
    const clean = await readImage(`${root}photos/coffee.png`, { size: [48, 64] });
    const noise = tf.randomNormal<tf.Rank.R4>(clean.shape, 0, sigma, 'float32', 3);
    const noisy = tf.add<Tensor4D>(clean, noise);
    const order: Order = {
      endpoint: hub.endpoint,
      name: 'hf:someone/model',
      token: 'secret',
      values: Array.from(await noisy.data()),
      shape: clean.shape,
      sigma,
    };
    hub.behaviour = { token: 'secret', cuts: [100_000] };
    await open();
    const inPage = await page.evaluate((one) => spgdPage.page.restore(one), order);
    expect(hub.requests.some(({ token }) => token === 'Bearer secret')).toBe(true);
    const seen = hub.requests.filter(({ at, token }) => at === 'store' && token !== undefined);
    expect(seen).toEqual([]);

    const inNode = await restore(order);
    const furthest = Math.max(...inPage.map((value, i) => Math.abs(value - inNode[i]!)));
    const decibels = async (image: Tensor4D) => (await psnr(image, clean).data())[0]!;
    const [before, after] = [
      await decibels(noisy),
      await decibels(tf.tensor4d(inPage, clean.shape)),
    ];
    if (process.env.SPGD_REPORT)
      console.log(
        `page: ${before} dB restored to ${after} dB, ${furthest * 127.5} levels from Node`,
      );
    expect(furthest * 127.5).toBeLessThan(2.5);
    if (isTrained) expect(after - before).toBeGreaterThan(5);

    hub.requests.length = 0;
    await open();
    const again = await page.evaluate((one) => spgdPage.page.restore(one), {
      ...order,
      offline: true,
    });
    expect(again).toEqual(inPage);
    expect(hub.requests).toEqual([]);
  });

  it('the name alone asks the hub itself', async () => {
    await open();
    const message = await page.evaluate(() => spgdPage.page.byName('hf:someone/model@v1'));
    expect(message).toBe('hf:someone/model@v1: cannot reach huggingface.co');
    expect(foreign).toEqual([
      'https://huggingface.co/api/models/someone/model/revision/v1?blobs=true',
    ]);
  });
});
