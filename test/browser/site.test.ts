import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { barriers } from './axe';
import { chromiumNote, executablePath, launchChromium } from './chromium';
import { type StaticServer, serveFolders } from './static-server';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const built = `${repository}out/site-${process.pid}`;
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

describe.skipIf(!executablePath)(`the site of the docs${chromiumNote}`, () => {
  let server: StaticServer;
  let browser: Browser;
  beforeAll(async () => {
    const run = (...command: string[]) => execFileSync('npx', command, { cwd: repository });
    run('typedoc', '--out', built, '--logLevel', 'Error');
    run('pagefind', '--site', built, '--silent');
    server = await serveFolders({ '/sub/': built });
    browser = await launchChromium();
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await rm(built, { recursive: true, force: true });
  });

  const open = async (options: BrowserContextOptions = {}, path = '') => {
    const page = await browser.newPage(options);
    const errors: string[] = [];
    const foreign: string[] = [];
    page.on('pageerror', ({ message }) => errors.push(message));
    page.on('request', (request) => {
      if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(server.address))
        foreign.push(request.url());
    });
    await page.goto(`${server.address}sub/${path}`);
    return { page, errors, foreign };
  };

  it.each([
    ['/', ''],
    ['Control+k', 'documents/FAQ.html'],
  ])(
    '%s opens the search of "%s", which finds what stands in the text alone',
    async (key, path) => {
      const { page, errors, foreign } = await open({}, path);
      await page.waitForFunction(() => customElements.get('pagefind-modal'));
      await page.keyboard.press(key);
      await page.fill('pagefind-modal input', 'SwiftShader');
      const result = page.locator('pagefind-modal a:has-text("How do I get WebGPU in Node?")');
      await result.click({ timeout: 30_000 });
      await page.waitForURL(/Backends_in_Node\.html.*#how-do-i-get-webgpu-in-node/);
      expect(await page.textContent('.col-content')).toContain('SwiftShader');
      // No name of an export or a guide has the word: it is found by the text.
      const names = await page.locator('.site-menu').textContent();
      expect(names).not.toContain('SwiftShader');
      expect(errors).toEqual([]);
      expect(foreign).toEqual([]);
      await page.close();
    },
  );

  it('opens with a picture that moves, until a visitor holds the slider', async () => {
    const { page } = await open();
    const cut = () => page.$eval('.compare-after', (image) => getComputedStyle(image).clipPath);
    const moving = await cut();
    await page.waitForFunction(
      (before) => getComputedStyle(document.querySelector('.compare-after')!).clipPath !== before,
      moving,
    );
    await page.focus('.compare input');
    await page.keyboard.press('Home');
    expect(await cut()).toBe('inset(0px 0px 0px 0%)');
    const shown = await page.$$eval('.landing img', (images) =>
      images.map((image) => (image as HTMLImageElement).complete),
    );
    expect(shown.length).toBeGreaterThan(4);
    await page.close();
  });

  it.each([
    ['desktop, light', { colorScheme: 'light' }],
    ['desktop, dark', { colorScheme: 'dark' }],
    ['phone, light', { ...phone, colorScheme: 'light' }],
    ['phone, dark', { ...phone, colorScheme: 'dark' }],
  ] as const)('fits and has no barrier: %s', async (_, options) => {
    const { page, errors } = await open({ ...options, reducedMotion: 'reduce' });
    await page.waitForFunction(() => customElements.get('pagefind-modal'));
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBe(0);
    expect(await barriers(page)).toEqual([]);
    expect(errors).toEqual([]);
    await page.close();
  });

  it('leads to the page, which the workflow publishes there, and to pages and pictures that exist', async () => {
    const { page } = await open();
    const links = await page.$$eval('.landing a', (all) =>
      all.map((a) => (a as HTMLAnchorElement).href),
    );
    const live = `${server.address}sub/restore/`;
    expect(links).toContain(live);
    expect(readFileSync(`${repository}.github/workflows/pages.yml`, 'utf8')).toContain(
      'mv out/browser docs/api/restore',
    );
    const pictures = await page.$$eval('.landing img', (all) =>
      all.map((image) => (image as HTMLImageElement).src),
    );
    for (const url of [...links, ...pictures].filter((one) => one !== live)) {
      const answer = await page.request.get(url);
      expect(answer.status(), url).toBe(200);
      const anchor = new URL(url).hash.slice(1);
      if (anchor) expect(await answer.text()).toContain(`id="${anchor}"`);
    }
    await page.close();
  });
});
