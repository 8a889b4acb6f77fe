import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumNote, executablePath, launchChromium } from './chromium';
import { pick, reach, set } from './page';
import { squarePhoto } from './photos';
import { type StaticServer, serveFolders } from './static-server';

const root = fileURLToPath(new URL('../../examples/browser', import.meta.url));
const outDir = fileURLToPath(new URL(`../../out/offline-${process.pid}`, import.meta.url));

describe.skipIf(!executablePath)(`a static host without headers${chromiumNote}`, () => {
  let server: StaticServer;
  let browser: Browser;
  beforeAll(async () => {
    await build({
      root,
      configFile: join(root, 'vite.config.ts'),
      logLevel: 'error',
      build: { outDir },
    });
    server = await serveFolders({ '/sub/': outDir });
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await rm(outDir, { recursive: true, force: true });
  });

  it('isolates the page, and restores a photo on a second visit without the server', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const requests: string[] = [];
    const violations: string[] = [];
    context.on('request', (request) => requests.push(request.url()));
    page.on('console', (message) => {
      if (/Content Security Policy/.test(message.text())) violations.push(message.text());
    });
    await page.goto(`${server.address}sub/`);
    await page.waitForSelector('body[data-times]', { timeout: 90_000 });
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    expect(await page.getAttribute('body', 'data-backend')).toBe('wasm-threads');
    // The service worker keeps what the page has loaded.
    await page.waitForFunction(
      async () =>
        (await (await caches.open('spgd-page')).keys()).some(({ url }) => url.endsWith('.wasm')),
      undefined,
      { timeout: 30_000 },
    );
    const first = server.sent();
    if (process.env.SPGD_REPORT) console.log(`first visit: ${first} bytes`);
    expect(first).toBeLessThan(6e6);

    await server.close();
    await page.goto('about:blank');
    await page.goto(`${server.address}sub/`);
    await page.waitForSelector('body[data-times]', { timeout: 90_000 });
    expect(await page.getAttribute('body', 'data-backend')).toBe('wasm-threads');
    await pick(page, 'photo.png', await squarePhoto());
    await set(page, 'task', 'denoise');
    await page.click('#restore');
    await reach(page, 'done');
    const foreign = requests.filter(
      (url) => !/^(blob|data|about):/.test(url) && !url.startsWith(server.address),
    );
    expect(foreign).toEqual([]);
    expect(violations).toEqual([]);
  });

  it('is installable, and its policy allows nothing foreign', () => {
    const html = readFileSync(join(outDir, 'index.html'), 'utf8');
    const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(html)![1]!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/https?:|\*|unsafe-inline|'unsafe-eval'/);
    expect(readFileSync(join(outDir, 'service-worker.js'), 'utf8')).toContain(policy);
    const manifest = JSON.parse(readFileSync(join(outDir, 'manifest.webmanifest'), 'utf8'));
    expect(manifest).toMatchObject({ start_url: './', scope: './', display: 'standalone' });
    expect(manifest.icons.map(({ sizes }: { sizes: string }) => sizes)).toContain('512x512');
  });
});
