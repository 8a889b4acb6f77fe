import { fileURLToPath } from 'node:url';
import type { CDPSession, Page } from 'playwright';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { chromiumNote, executablePath } from './chromium';
import { chooseTool, pick, reach, set, useSite } from './page';
import { noisyPhoto, squarePhoto } from './photos';

const coffee = fileURLToPath(new URL('../../photos/coffee.png', import.meta.url));

type Point = readonly [x: number, y: number];

/** Fingers on the screen, as the browser's own protocol sends them. */
async function touch(session: CDPSession, type: string, points: readonly Point[]): Promise<void> {
  const touchPoints = points.map(([x, y], id) => ({ x, y, id }));
  await session.send('Input.dispatchTouchEvent', { type: type as 'touchStart', touchPoints });
}

const zoomOf = (page: Page) => page.inputValue('#zoom').then(Number);

describe.skipIf(!executablePath)(`hands on the page${chromiumNote}`, () => {
  const site = useSite();

  it('one finger paints, two zoom and take the stroke back, and moving leaves no mark', async () => {
    const phone = { viewport: { width: 390, height: 844 }, hasTouch: true };
    const { page, errors } = await site.open('wasm', phone);
    await pick(page, 'photo.png', await squarePhoto(300, 240));
    await set(page, 'task', 'repair');
    await chooseTool(page, 'paint');
    await page.locator('#sheet').scrollIntoViewIfNeeded();
    const box = (await page.locator('#mask').boundingBox())!;
    const at = (x: number, y: number): Point => [box.x + x * box.width, box.y + y * box.height];
    const session = await page.context().newCDPSession(page);

    await touch(session, 'touchStart', [at(0.2, 0.5)]);
    await touch(session, 'touchMove', [at(0.4, 0.5)]);
    await touch(session, 'touchEnd', []);
    await page.waitForSelector('#status:has-text("pixels are marked")');
    const marked = await page.textContent('#status');

    await touch(session, 'touchStart', [at(0.4, 0.3)]);
    await touch(session, 'touchStart', [at(0.4, 0.3), at(0.6, 0.3)]);
    await touch(session, 'touchMove', [at(0.3, 0.3), at(0.7, 0.3)]);
    await touch(session, 'touchEnd', []);
    expect(await zoomOf(page)).toBeCloseTo(2, 1);
    expect(await page.textContent('#status')).toBe(marked);
    // What lay between the fingers still does.
    const now = (await page.locator('#mask').boundingBox())!;
    expect((at(0.5, 0.3)[0] - now.x) / now.width).toBeCloseTo(0.5, 1);
    expect(await page.isEnabled('#undo')).toBe(true);

    await chooseTool(page, 'move');
    await touch(session, 'touchStart', [at(0.5, 0.5)]);
    await touch(session, 'touchMove', [at(0.3, 0.5)]);
    await touch(session, 'touchEnd', []);
    expect(await page.textContent('#status')).toBe(marked);
    await page.click('#undo');
    expect(await page.textContent('#status')).toBe('Nothing is marked.');
    expect(errors).toEqual([]);
    await page.context().close();
  });

  it('takes a photo that is pasted or dropped, and marks where to drop it', async () => {
    const { page } = await site.open('wasm');
    const file = (await squarePhoto(40, 30)).toString('base64');
    const send = (type: string, name: string) =>
      page.evaluate(
        ([kind, data]) => {
          const bytes = Uint8Array.from(atob(data!), (letter) => letter.charCodeAt(0));
          const transfer = new DataTransfer();
          transfer.items.add(new File([bytes], 'photo.png', { type: 'image/png' }));
          const event =
            kind === 'paste'
              ? new ClipboardEvent(kind, { clipboardData: transfer, bubbles: true })
              : new DragEvent(kind!, { dataTransfer: transfer, bubbles: true, cancelable: true });
          document.body.dispatchEvent(event);
        },
        [type, name === 'file' ? file : name] as const,
      );
    await send('dragover', 'file');
    expect(await page.getAttribute('body', 'data-drop')).toBe('');
    await send('drop', 'file');
    await page.waitForSelector('#caption:has-text("40 × 30")');
    expect(await page.getAttribute('body', 'data-drop')).toBeNull();
    await page.click('#other');
    await send('paste', 'file');
    await page.waitForSelector('#caption:has-text("40 × 30")');
    await page.context().close();
  });

  it('reduces a photo of 48 megapixels only with consent, and advises on HEIC', async () => {
    const { page } = await site.open('wasm');
    const create = { width: 8000, height: 6000, channels: 3, background: '#806040' } as const;
    const large = await sharp({ create }).jpeg({ quality: 50 }).toBuffer();
    const choose = () =>
      page.setInputFiles('#file', { name: 'large.jpg', mimeType: 'image/jpeg', buffer: large });
    await choose();
    await page.waitForSelector('#consent:not([hidden])', { timeout: 60_000 });
    expect(await page.textContent('#consent-text')).toContain('48 megapixels');
    expect(await page.getAttribute('body', 'data-state')).toBe('empty');
    await page.click('#keep-out');
    expect(await page.getAttribute('body', 'data-state')).toBe('empty');
    await choose();
    await page.waitForSelector('#consent:not([hidden])', { timeout: 60_000 });
    await page.click('#reduce');
    await page.waitForSelector('#caption:has-text("7302 × 5477")', { timeout: 60_000 });
    await page.setInputFiles('#file', {
      name: 'IMG_0001.HEIC',
      mimeType: 'image/heic',
      buffer: Buffer.from('no picture'),
    });
    await page.waitForSelector('#error:has-text("share it from the phone as JPEG")');
    await page.context().close();
  });

  it('says in words what it finds, forecasts again after each change, and warns of a wrong result', async () => {
    const { page } = await site.open('wasm-threads');
    await pick(page, 'photo.png', await noisyPhoto(coffee, [160, 120], 0.07));
    expect(await page.textContent('#found')).toContain('Noise: visible');
    expect(await page.inputValue('[name=noise]')).toBe('visible');
    const plan = async () => JSON.parse((await page.getAttribute('body', 'data-plan'))!);
    await page.waitForSelector('#estimate:has-text("About")');
    expect(await plan()).toMatchObject({ sampler: 'mmse', passes: 1 });
    await set(page, 'method', 'diffpir');
    await set(page, 'steps', '3');
    await page.waitForFunction(() => document.body.dataset.plan?.includes('"passes":3'));
    expect(await plan()).toMatchObject({ sampler: 'diffpir', settings: { steps: 3 } });

    // Three times too bright, which it is not: no picture explains that.
    await set(page, 'noise', 'none');
    await set(page, 'task', 'exposure');
    await set(page, 'method', 'dps');
    await set(page, 'exposure', '3');
    await set(page, 'steps', '1');
    await page.click('#restore');
    await page.waitForSelector('body[data-state=done]', { timeout: 90_000 });
    expect(await page.getAttribute('body', 'data-departs')).toBe('true');
    expect(await page.textContent('#error')).toContain('departs from what the photo shows');
    expect(await page.textContent('#status')).toBe('Not restored well.');
    await page.context().close();
  });

  it('opens a damaged sample that one click restores, with the map of four samples', async () => {
    const { page } = await site.open('wasm-threads');
    await page.click('#samples button >> nth=0');
    await page.waitForSelector('#status:has-text("pixels are marked")');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('restore');
    await set(page, 'steps', '2');
    await set(page, 'samples', '4');
    await page.waitForFunction(() => document.body.dataset.plan?.includes('"passes":8'));
    await page.click('#restore');
    await reach(page, 'done');
    const [before, after] = JSON.parse((await page.getAttribute('body', 'data-decibels'))!);
    expect(after).toBeGreaterThan(before);
    expect(await page.isVisible('#uncertainty')).toBe(false);
    await page.check('#uncertain');
    expect(await page.isVisible('#uncertainty')).toBe(true);
    const shares = await page.evaluate(() => {
      const canvas = document.querySelector('#uncertainty') as HTMLCanvasElement;
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      let shown = 0;
      for (let at = 3; at < data.length; at += 4) if (data[at]! > 0) shown++;
      return shown / (data.length / 4);
    });
    // The map shows the scratches: what is known has no deviation.
    expect(shares).toBeGreaterThan(0.01);
    expect(shares).toBeLessThan(0.2);
    await page.context().close();
  });
});
