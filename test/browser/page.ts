import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright';
import { build, preview } from 'vite';
import { afterAll, beforeAll } from 'vitest';
import { executablePath, launchChromium } from './chromium';

const root = fileURLToPath(new URL('../../examples/browser', import.meta.url));
/** The page, open in a browser, with all that went wrong in it. */
export interface OpenPage {
  readonly page: Page;
  /** Errors that nobody caught. */
  readonly errors: string[];
  /** The addresses of all that it asked for. */
  readonly requests: string[];
  /** What the policy of the page forbade. */
  readonly violations: string[];
}

/** A browser on the built page, for the tests of a file. */
export interface Site {
  readonly address: string;
  /** Opens the page on a backend; resolves once it is ready, or shows something else. */
  open(backend: string, options?: BrowserContextOptions, ready?: string): Promise<OpenPage>;
}

/** Builds the page, serves it as `vite preview` does, and starts a browser. */
export function useSite(flags: readonly string[] = []): Site {
  const outDir = fileURLToPath(new URL(`../../out/browser-${process.pid}`, import.meta.url));
  let browser: Browser;
  let address = '';
  let close = () => Promise.resolve();
  beforeAll(async () => {
    if (!executablePath) return;
    const configFile = join(root, 'vite.config.ts');
    const common = { root, configFile, logLevel: 'error', build: { outDir } } as const;
    await build(common);
    const server = await preview({ ...common, preview: { port: 0 } });
    close = () => server.close();
    address = server.resolvedUrls!.local[0]!;
    browser = await launchChromium(flags);
  });
  afterAll(async () => {
    await browser?.close();
    await close();
    await rm(outDir, { recursive: true, force: true });
  });
  return {
    get address() {
      return address;
    },
    async open(backend, options = {}, ready = 'body[data-times]') {
      const permissions = ['clipboard-read', 'clipboard-write'];
      const context = await browser.newContext({ permissions, ...options });
      const page = await context.newPage();
      const errors: string[] = [];
      const requests: string[] = [];
      const violations: string[] = [];
      page.on('pageerror', (error) => errors.push(error.message));
      page.on('console', (message) => {
        if (/Content Security Policy/.test(message.text())) violations.push(message.text());
      });
      context.on('request', (request) => requests.push(request.url()));
      await page.goto(`${address}?backend=${backend}`);
      await page.waitForSelector(ready, { timeout: 90_000 });
      return { page, errors, requests, violations };
    },
  };
}

/** Gives the page a file, as a user who picks one, and waits until it was looked at. */
export async function pick(
  page: Page,
  name: string,
  buffer: Buffer,
  mimeType = 'image/png',
): Promise<void> {
  await page.evaluate(() => document.querySelector('#diagnosis')!.setAttribute('hidden', ''));
  await page.setInputFiles('#file', { name, mimeType, buffer });
  await page.waitForSelector('#diagnosis:not([hidden]), #error:not(:empty)', { timeout: 30_000 });
}

/** A file that a link of the page leads to. */
export async function download(page: Page, click: string): Promise<Buffer> {
  const [file] = await Promise.all([page.waitForEvent('download'), page.click(click)]);
  return readFile(await file.path());
}

/** Sets a field of the form, in the part that is folded away too. */
export async function set(page: Page, name: string, value: string): Promise<void> {
  await page.evaluate(() => document.querySelector('details')!.setAttribute('open', ''));
  const field = page.locator(`[name=${name}]`).first();
  const kind = await field.evaluate((element) => (element as HTMLInputElement).type);
  if (kind === 'radio') await page.check(`[name=${name}][value=${value}]`);
  else if (kind === 'select-one') await field.selectOption(value);
  else {
    await field.fill(value);
    await field.dispatchEvent('change');
  }
}

/** Waits until the page has come to a state, and fails with what it complains of instead. */
export async function reach(page: Page, state: string): Promise<void> {
  await page.waitForSelector(`body[data-state=${state}], #error:not(:empty)`, { timeout: 90_000 });
  const complaint = await page.textContent('#error');
  if (complaint) throw new Error(complaint);
}

/** Chooses what a pointer does. */
export const chooseTool = (page: Page, tool: 'move' | 'paint' | 'frame') =>
  page.check(`[name=tool][value=${tool}]`, { force: true });

/** Drags with the mouse, from corner to corner of a rectangle in shares of the picture. */
export async function stroke(page: Page, [x0, y0, x1, y1]: readonly number[]): Promise<void> {
  const box = (await page.locator('#mask').boundingBox())!;
  const at = (x: number, y: number) => [box.x + x * box.width, box.y + y * box.height] as const;
  await page.mouse.move(...at(x0!, y0!));
  await page.mouse.down();
  await page.mouse.move(...at(x1!, y1!), { steps: 4 });
  await page.mouse.up();
}
