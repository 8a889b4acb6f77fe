import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { chromiumNote, executablePath } from './chromium';
import { chooseTool, download, pick, reach, set, stroke, useSite } from './page';
import { noisyPhoto, pixelsOf } from './photos';

const chelsea = fileURLToPath(new URL('../../photos/chelsea.png', import.meta.url));
const [width, height] = [1203, 801];

interface Box {
  top: number;
  left: number;
  width: number;
  height: number;
}

const boxOf = async (page: Page): Promise<Box> =>
  JSON.parse((await page.getAttribute('body', 'data-box'))!);

/** Which pixels of two files differ, as the rectangle round them; and whether their alpha does. */
async function difference(a: Buffer, b: Buffer) {
  const [one, other] = [await pixelsOf(a), await pixelsOf(b)];
  expect(one.info).toMatchObject({ width: other.info.width, height: other.info.height });
  const found = { top: Infinity, left: Infinity, bottom: -1, right: -1, alpha: false, count: 0 };
  const columns = one.info.width;
  for (let at = 0; at < one.data.length; at += 4) {
    if (one.data[at + 3] !== other.data[at + 3]) found.alpha = true;
    // A canvas multiplies colours by alpha, which rounds those that are translucent.
    const rounding = one.data[at + 3] === 255 ? 0 : 2;
    const far = [0, 1, 2].some((c) => Math.abs(one.data[at + c]! - other.data[at + c]!) > rounding);
    if (!far) continue;
    const [y, x] = [Math.floor(at / 4 / columns), (at / 4) % columns];
    found.count++;
    found.top = Math.min(found.top, y);
    found.left = Math.min(found.left, x);
    found.bottom = Math.max(found.bottom, y + 1);
    found.right = Math.max(found.right, x + 1);
  }
  return found;
}

describe.skipIf(!executablePath)(`a spot in a photo of 1203 x 801${chromiumNote}`, () => {
  const site = useSite();

  it('is restored in place, undone and redone, and the next follows', async () => {
    const { page, errors, violations } = await site.open('wasm-threads', {
      viewport: { width: 1280, height: 900 },
    });
    const photo = await noisyPhoto(chelsea, [width, height], 0.17);
    await pick(page, 'cat.png', photo);
    expect(await page.textContent('#found')).toContain('Noise: strong');
    expect(await page.isChecked('[value=denoise]')).toBe(true);
    expect(await page.textContent('#caption')).toBe('1203 × 801 pixels');
    const wholePlan = await planOf(page);

    await chooseTool(page, 'frame');
    await stroke(page, [0.4, 0.4, 0.5, 0.5]);
    await page.waitForSelector('#status:has-text("is framed")');
    const plan = await planOf(page, wholePlan);
    expect(plan.seconds).toBeLessThan(wholePlan.seconds / 5);
    await page.click('#restore');
    await page.waitForSelector('body[data-state=running]');
    expect(await page.isVisible('#before')).toBe(true);
    await reach(page, 'done');
    const box = await boxOf(page);
    expect(Math.abs(box.left - 0.4 * width)).toBeLessThan(4);
    expect(Math.abs(box.width - 0.1 * width)).toBeLessThan(6);
    const shown = (await page.locator('#patch').boundingBox())!;
    const sheet = (await page.locator('#sheet').boundingBox())!;
    expect(shown.width / sheet.width).toBeCloseTo(box.width / width, 2);
    expect(await page.isVisible('#split')).toBe(true);

    const first = await download(page, '#download');
    const changed = await difference(photo, first);
    expect(changed.alpha).toBe(false);
    expect(changed.count).toBeGreaterThan(0.8 * box.width * box.height);
    expect(changed.top).toBeGreaterThanOrEqual(box.top);
    expect(changed.left).toBeGreaterThanOrEqual(box.left);
    expect(changed.bottom).toBeLessThanOrEqual(box.top + box.height);
    expect(changed.right).toBeLessThanOrEqual(box.left + box.width);

    // The next spot is painted: only painted pixels change.
    await page.click('#next');
    await set(page, 'task', 'repair');
    await set(page, 'steps', '2');
    await stroke(page, [0.1, 0.2, 0.15, 0.22]);
    const marked = Number.parseInt((await page.textContent('#status'))!, 10);
    await page.click('#restore');
    await reach(page, 'done');
    const second = await download(page, '#download');
    const painted = await difference(first, second);
    expect(painted.count).toBeGreaterThan(0.8 * marked);
    expect(painted.count).toBeLessThanOrEqual(marked);

    // Back through both spots and the stroke, and forward again.
    await page.keyboard.press('Control+z');
    await reach(page, 'ready');
    expect(await shownIs(page, first)).toBe(0);
    await page.click('#undo');
    await page.click('#undo');
    expect(await shownIs(page, photo)).toBe(0);
    expect(await page.isDisabled('#undo')).toBe(true);
    await page.keyboard.press('Control+Shift+Z');
    expect(await shownIs(page, first)).toBe(0);
    expect(errors).toEqual([]);
    expect(violations).toEqual([]);
    await page.context().close();
  });
});

/** The forecast, once there is another than the one before. */
async function planOf(page: Page, before?: object): Promise<{ seconds: number }> {
  const old = JSON.stringify(before ?? null);
  await page.waitForFunction(
    (last) => ![undefined, last].includes(document.body.dataset.plan),
    old,
    { timeout: 30_000 },
  );
  return JSON.parse((await page.getAttribute('body', 'data-plan'))!);
}

/** Number of pixels in which the canvas differs from a file. */
async function shownIs(page: Page, file: Buffer): Promise<number> {
  const url = await page.evaluate(() =>
    (document.querySelector('#before') as HTMLCanvasElement).toDataURL(),
  );
  return (await difference(file, Buffer.from(url.split(',')[1]!, 'base64'))).count;
}
