import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { barriers } from './axe';
import { chromiumNote, executablePath } from './chromium';
import { chooseTool, pick, reach, set, stroke, useSite } from './page';
import { squarePhoto } from './photos';

const quick = async (page: Page, settings: Record<string, string> = {}) => {
  for (const [name, value] of Object.entries({ task: 'denoise', steps: '2', ...settings }))
    await set(page, name, value);
};

describe.skipIf(!executablePath)(`the page in Chromium${chromiumNote}`, () => {
  const site = useSite();

  it('asks for nothing from another origin, and for no model a second time', async () => {
    const { page, requests, violations } = await site.open('wasm');
    const weights = () => requests.filter((url) => url.endsWith('.bin')).length;
    const first = weights();
    expect(first).toBe(1);
    await page.reload();
    await page.waitForSelector('body[data-times]');
    // A HEAD request asks whether the weights are still the same.
    expect(weights() - first).toBe(1);
    const own = new URL(site.address).origin;
    const foreign = requests.filter((url) => !/^(blob|data):/.test(url) && !url.startsWith(own));
    expect(foreign).toEqual([]);
    expect(violations).toEqual([]);
    await page.context().close();
  });

  it('cancels within a step, and restores five times without growing', async () => {
    const { page, errors } = await site.open('wasm-threads');
    await pick(page, 'photo.png', await squarePhoto());
    await quick(page, { method: 'diffpir', steps: '200' });
    await page.click('#restore');
    await page.waitForSelector('#status:has-text("Restoring")');
    await page.click('#cancel');
    await page.waitForSelector('#status:has-text("Cancelled")');
    expect(await page.textContent('#status')).toBe('Cancelled.');

    await set(page, 'steps', '2');
    const held: { tensors: number; wasmBytes: number }[] = [];
    for (let run = 0; run < 5; run++) {
      await page.click('#restore');
      await reach(page, 'done');
      held.push(JSON.parse((await page.getAttribute('body', 'data-held'))!));
      await page.click('#next');
    }
    // A forecast may be under way beside a run, and holds a few tensors until it ends.
    const least = (runs: typeof held) => Math.min(...runs.map(({ tensors }) => tensors));
    expect(least(held.slice(3))).toBeLessThanOrEqual(least(held.slice(0, 3)));
    expect(held[4]!.wasmBytes).toBe(held[1]!.wasmBytes);
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it('says so of a file that is no picture, and takes the next', async () => {
    const { page } = await site.open('wasm');
    await pick(page, 'notes.png', Buffer.from('no picture at all'));
    await page.waitForSelector('#error:not(:empty)');
    expect(await page.textContent('#error')).toBe(
      'notes.png is not a picture that this browser can read.',
    );
    await pick(page, 'photo.png', await squarePhoto());
    await reach(page, 'ready');
    expect(await page.textContent('#error')).toBe('');
    await page.context().close();
  });

  it('marks the pixels under the brush, erases and clears them', async () => {
    const { page } = await site.open('wasm');
    await pick(page, 'photo.png', await squarePhoto(120, 60));
    await set(page, 'task', 'repair');
    await chooseTool(page, 'paint');
    const marked = async () => (await page.textContent('#status'))!;
    await page.fill('#brush-size', '20'); // a radius of 4 of 120 pixels
    await stroke(page, [0.25, 0.5, 0.75, 0.5]);
    // A bar of 60 x 8 pixels with a half disc of radius 4 at both ends: 480 + 16 pi.
    const pixels = Number.parseInt(await marked(), 10);
    expect(Math.abs(pixels - (480 + 16 * Math.PI))).toBeLessThan(10);
    await page.check('#erase');
    await stroke(page, [0.5, 0.5, 0.5, 0.5]);
    const erased = pixels - Number.parseInt(await marked(), 10);
    expect(Math.abs(erased - 16 * Math.PI)).toBeLessThan(6);
    await page.click('#clear');
    expect(await marked()).toBe('Nothing is marked.');
    expect(await page.isDisabled('#restore')).toBe(true);
    await page.keyboard.press('Control+z');
    await page.keyboard.press('Control+z');
    expect(Number.parseInt(await marked(), 10)).toBe(pixels);
    await page.mouse.move(300, 400);
    const box = (await page.locator('#mask').boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    const circle = (await page.locator('#circle').boundingBox())!;
    expect(circle.width / box.width).toBeCloseTo(8 / 120, 2);
    await page.context().close();
  });

  it('is used by keyboard alone', async () => {
    const { page } = await site.open('wasm-threads');
    const to = async (selector: string) => {
      for (let presses = 0; presses < 60; presses++) {
        await page.keyboard.press('Tab');
        if (await page.evaluate((id) => document.activeElement?.matches(id), selector)) return;
      }
      throw new Error(`Tab does not lead to ${selector}`);
    };
    await to('#samples button');
    await page.keyboard.press('Enter');
    await reach(page, 'ready');
    await to('#clear');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#status:has-text("Nothing is marked")');
    await to('#mask');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Space');
    await page.waitForSelector('#status:has-text("pixels are marked")');
    await to('summary');
    await page.keyboard.press('Enter');
    await to('[name=method]');
    await page.keyboard.press('S'); // SPGD
    await to('[name=steps]');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('2');
    await to('#restore');
    await page.keyboard.press('Enter');
    await reach(page, 'done');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('split');
    await page.keyboard.press('Home');
    expect(await page.inputValue('#split')).toBe('0');
    await page.context().close();
  });

  it.each(['light', 'dark'] as const)('passes axe in %s, in each of its states', async (scheme) => {
    const { page } = await site.open('wasm', { colorScheme: scheme });
    expect(await barriers(page)).toEqual([]);
    await pick(page, 'photo.png', await squarePhoto());
    await page.click('summary');
    expect(await barriers(page)).toEqual([]);
    for (const tool of ['paint', 'frame'] as const) {
      await chooseTool(page, tool);
      expect(await barriers(page)).toEqual([]);
    }
    await quick(page, { method: 'diffpir', steps: '40' });
    await page.click('#restore');
    await reach(page, 'running');
    expect(await barriers(page)).toEqual([]);
    await reach(page, 'done');
    expect(await barriers(page)).toEqual([]);
    await page.context().close();
  });

  it('fits windows from 360 pixels on, resized while a photo is shown', async () => {
    const { page } = await site.open('wasm');
    await pick(page, 'photo.png', await squarePhoto(200, 90));
    for (const width of [1400, 800, 360]) {
      await page.setViewportSize({ width, height: 740 });
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow, `at ${width} pixels`).toBe(0);
      expect(await page.locator('#restore').isVisible()).toBe(true);
    }
    const box = (await page.locator('#mask').boundingBox())!;
    expect(box.width / box.height).toBeCloseTo(200 / 90, 1);
    await chooseTool(page, 'paint');
    await stroke(page, [0.2, 0.2, 0.8, 0.8]);
    await page.waitForSelector('#status:has-text("pixels are marked")');
    await page.context().close();
  });
});
