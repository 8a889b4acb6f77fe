/**
 * The page of examples/browser, driven in Chromium: photos of seven kinds in five tasks, with the PSNR of a spot
 * before and after and the forecast beside the time; the first visit and the repair of one scratch.
 *
 *   npm run bench:browser
 *   npm run bench:browser -- --kinds 4000,exif --tasks denoise --spot 128
 *   npm run bench:browser -- --kinds none
 *
 * A spot is framed, as a user would in a large photo; the tiny photo is restored whole. Blur and noise are in
 * pixels of the photo. The photo of 576 pixels is bundled; larger ones are copies of it side by side.
 */
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { Command } from 'commander';
import { build as esbuild } from 'esbuild';
import type { Page } from 'playwright';
import sharp from 'sharp';
import { build } from 'vite';
import { photoPath } from '../src/cli/photo';
import { barriers } from '../test/browser/axe';
import { launchChromium } from '../test/browser/chromium';
import { chooseTool, download, pick, reach, set, stroke } from '../test/browser/page';
import { type StaticServer, serveFolders } from '../test/browser/static-server';
import { browserBuild } from '../tools/browser-build';
import { byComma } from './arguments';

/** Pixels of a file: colours and alpha, row by row. */
interface Pixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

type Spot = { left: number; top: number; width: number; height: number };

const root = fileURLToPath(new URL('../examples/browser', import.meta.url));

const kinds = {
  576: { title: '576 x 384', width: 576 },
  1200: { title: '1200 x 800', width: 1200 },
  4000: { title: '4000 x 2667', width: 4000 },
  exif: { title: '576 x 384, a JPEG turned by EXIF', width: 576 },
  alpha: { title: '576 x 384 with alpha', width: 576 },
  grey: { title: '576 x 384, grey', width: 576 },
  tiny: { title: '48 x 32', width: 48 },
} as const;
type Kind = keyof typeof kinds;
const tasks = ['denoise', 'deblur', 'enlarge', 'repair', 'exposure'] as const;
type Task = (typeof tasks)[number];

const options = new Command()
  .option('--kinds <names>', 'by comma', byComma, Object.keys(kinds))
  .option('--tasks <names>', 'by comma', byComma, [...tasks])
  .option('--spot <pixels>', 'side of the framed spot', Number, 64)
  .option('--limit <seconds>', 'for each restoration', Number, 900)
  .parse()
  .opts<{ kinds: string[]; tasks: Task[]; spot: number; limit: number }>();

const pixelsOf = async (file: Buffer): Promise<Pixels> => {
  const { data, info } = await sharp(file)
    .rotate()
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
};

const fileOf = ({ data, width, height }: Pixels) =>
  sharp(data, { raw: { width, height, channels: 4 } })
    .png()
    .toBuffer();

const cut = async (file: Buffer, spot: Spot) =>
  pixelsOf(
    await sharp(await fileOf(await pixelsOf(file)))
      .extract(spot)
      .png()
      .toBuffer(),
  );

/** PSNR in dB over the colours. */
function decibels(a: Pixels, b: Pixels): number {
  if (a.data.length !== b.data.length) throw new Error('two pictures differ in size');
  let sum = 0;
  for (let at = 0; at < a.data.length; at++)
    if (at % 4 < 3) sum += (a.data[at]! - b.data[at]!) ** 2;
  return 10 * Math.log10(255 ** 2 / (sum / (a.width * a.height * 3)));
}

/** Normal numbers, the same at each call. */
function* normals(): Generator<number, never> {
  let state = 5;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 1) / 4294967297;
  };
  for (;;) yield Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** Changes each colour; `std` of the noise is on [-1, 1]. */
async function changed(
  file: Buffer,
  change: (value: number) => number,
  std: number,
  isGrey: boolean,
) {
  const { data, ...size } = await pixelsOf(file);
  const random = normals();
  const result = Uint8ClampedArray.from(data);
  for (let at = 0; at < data.length; at += 4)
    for (let c = 0; c < 3; c++)
      result[at + c] =
        isGrey && c > 0 ? result[at]! : change(data[at + c]!) + 127.5 * std * random.next().value;
  return fileOf({ ...size, data: new Uint8Array(result.buffer) });
}

/** The clean photo of a kind; large ones are copies side by side, with the detail of the small one. */
async function cleanPhoto(kind: Kind): Promise<Buffer> {
  const { width } = kinds[kind];
  const source = sharp(photoPath('coffee')).resize({
    width: Math.min(width, 576),
    kernel: 'lanczos3',
  });
  if (kind === 'grey') return source.grayscale().toColourspace('srgb').png().toBuffer();
  const photo = await source.png().toBuffer();
  if (width > 576) {
    const height = Math.round((width * 2) / 3);
    return sharp({ create: { width, height, channels: 3, background: 'black' } })
      .composite([{ input: photo, tile: true, gravity: 'northwest' }])
      .png()
      .toBuffer();
  }
  if (kind !== 'alpha') return photo;
  const { data, ...size } = await pixelsOf(photo);
  for (let at = 3; at < data.length; at += 4) if ((at >> 2) % size.width < 60) data[at] = 128;
  return fileOf({ ...size, data });
}

/** The spot: a part of the spoon and the saucer. */
async function spotIn(photo: Buffer): Promise<Spot> {
  const { width, height } = await pixelsOf(photo);
  const side = Math.min(options.spot, width, height);
  if (side < options.spot) return { left: 0, top: 0, width, height };
  return {
    left: 322,
    top: 230,
    width: side,
    height: side,
  };
}

/** Strength of the scratch: a line through the middle of the spot. */
async function scratched(photo: Buffer, { left, top, width, height }: Spot): Promise<Buffer> {
  const { data, ...size } = await pixelsOf(photo);
  const row = top + (height >> 1);
  for (let y = row - 1; y <= row + 1; y++)
    for (let x = left + (width >> 3); x < left + width - (width >> 3); x++)
      data.set([238, 232, 220], 4 * (y * size.width + x));
  return fileOf({ ...size, data });
}

async function damaged(clean: Buffer, task: Task, kind: Kind, spot: Spot): Promise<Buffer> {
  const isGrey = kind === 'grey';
  const same = (value: number) => value;
  if (task === 'denoise') return changed(clean, same, 0.2, isGrey);
  if (task === 'deblur')
    return changed(await sharp(clean).blur(2).png().toBuffer(), same, 0.01, isGrey);
  if (task === 'repair') return scratched(clean, spot);
  if (task === 'exposure')
    return changed(clean, (value) => 127.5 + 2 * (value - 127.5), 0.02, isGrey);
  const { width, height } = await pixelsOf(clean);
  const size = { width: width >> 1, height: height >> 1, fit: 'fill' } as const;
  return changed(
    await sharp(clean)
      .resize({ ...size, kernel: 'cubic' })
      .png()
      .toBuffer(),
    same,
    0.01,
    isGrey,
  );
}

/** The file as a camera would write it. */
async function stored(photo: Buffer, kind: Kind) {
  if (kind !== 'exif') return { name: 'photo.png', type: 'image/png', buffer: photo };
  // Orientation 6: the camera stored the photo turned to the left.
  const buffer = await sharp(photo)
    .rotate(270)
    .flatten()
    .withMetadata({ orientation: 6 })
    .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
    .toBuffer();
  return { name: 'photo.jpg', type: 'image/jpeg', buffer };
}

const shares = ({ left, top, width, height }: Spot, size: { width: number; height: number }) => [
  left / size.width,
  top / size.height,
  (left + width) / size.width,
  (top + height) / size.height,
];

async function planOf(page: Page): Promise<{ seconds: number; sampler: string }> {
  await page.waitForSelector('#restore:not([disabled])', { timeout: 60_000 });
  await page.waitForFunction(
    () => /About/.test(document.querySelector('#estimate')!.textContent!),
    undefined,
    { timeout: 60_000 },
  );
  return JSON.parse((await page.getAttribute('body', 'data-plan'))!);
}

async function measure(page: Page, kind: Kind, task: Task): Promise<string> {
  const clean = await cleanPhoto(kind);
  const spot = await spotIn(clean);
  const photo = await damaged(clean, task, kind, spot);
  const size = await pixelsOf(photo);
  const isWhole = spot.width === size.width || kind === 'tiny';
  const { name, type, buffer } = await stored(photo, kind);
  await pick(page, name, buffer, type);
  await reach(page, 'ready');
  await set(page, 'task', task);
  if (task === 'deblur') await set(page, 'blurStd', '2');
  // What is to be enlarged is half as large, and so is its spot.
  const inPhoto =
    task === 'enlarge'
      ? {
          left: spot.left >> 1,
          top: spot.top >> 1,
          width: spot.width >> 1,
          height: spot.height >> 1,
        }
      : spot;
  await page.evaluate(() => (document.querySelector('#estimate')!.textContent = ''));
  if (task === 'repair') {
    const row = (spot.top + (spot.height >> 1) + 0.5) / size.height;
    const [from, to] = [spot.left + (spot.width >> 3), spot.left + spot.width - (spot.width >> 3)];
    await chooseTool(page, 'paint');
    await page.fill('#brush-size', String(Math.max(0.5, Math.round((600 * 8) / size.width) / 2)));
    await stroke(page, [from / size.width, row, to / size.width, row]);
  } else if (!isWhole) {
    await chooseTool(page, 'frame');
    await stroke(page, shares(inPhoto, size));
  } else await page.dispatchEvent('[name=seed]', 'change');
  const plan = await planOf(page);
  const started = performance.now();
  await page.click('#restore');
  await page.waitForSelector('body[data-state=done]', { timeout: 1000 * options.limit });
  const seconds = (performance.now() - started) / 1000;
  const box: Spot = JSON.parse((await page.getAttribute('body', 'data-box'))!);
  const after = await download(page, '#download');
  const factor = task === 'enlarge' ? 2 : 1;
  const at = {
    left: factor * box.left,
    top: factor * box.top,
    width: factor * box.width,
    height: factor * box.height,
  };
  const reference = await cut(clean, at);
  const large =
    task === 'enlarge'
      ? await sharp(photo)
          .resize({ width: 2 * size.width, height: 2 * size.height, fit: 'fill', kernel: 'cubic' })
          .png()
          .toBuffer()
      : photo;
  const restored = task === 'enlarge' ? await pixelsOf(after) : await cut(after, at);
  const [low, high] = [decibels(await cut(large, at), reference), decibels(restored, reference)];
  const departs = (await page.getAttribute('body', 'data-departs')) === 'true';
  await page.click('#next');
  const spoken = [
    kinds[kind].title,
    task,
    await page.inputValue('[name=noiseStd]'),
    plan.sampler,
    `${box.width} x ${box.height}`,
    low.toFixed(2),
    high.toFixed(2),
    plan.seconds.toFixed(1),
    seconds.toFixed(1),
    departs ? 'it warns' : high < low ? 'LOWER' : '',
  ];
  return `| ${spoken.join(' | ')} |`;
}

/** The first visit, on a host without headers as GitHub Pages is. */
async function firstVisit(page: Page, server: StaticServer): Promise<void> {
  const own = server.address;
  const foreign: string[] = [];
  page.context().on('request', (request) => {
    if (!/^(blob|data):/.test(request.url()) && !request.url().startsWith(own))
      foreign.push(request.url());
  });
  let usable = 0;
  await page.exposeFunction('nowUsable', () => {
    usable ||= performance.now() - started;
  });
  // The page loads once more as soon as its service worker can isolate it: a person may be faster.
  await page.addInitScript(() => {
    const observer = new MutationObserver(() => {
      if (!document.querySelector('#samples button')) return;
      (window as unknown as { nowUsable(): void }).nowUsable();
      observer.disconnect();
    });
    observer.observe(document, { childList: true, subtree: true });
  });
  const started = performance.now();
  await page.goto(`${own}sub/`);
  await page.waitForSelector('body[data-times]', { timeout: 180_000 });
  const computes = performance.now() - started;
  console.log(
    `a photo can be chosen ${(usable / 1000).toFixed(1)} s after the first request; computes after ${(computes / 1000).toFixed(1)} s`,
  );
  console.log(
    `first visit: ${(server.sent() / 1e6).toFixed(2)} MB; requests to others: ${foreign.length}; barriers (axe): ${(await barriers(page)).length}; backend: ${await page.textContent('#backend')}`,
  );
}

/** One scratch across the sample photo: from the click to the result. */
async function oneScratch(page: Page): Promise<void> {
  const photo = await readFile(photoPath('coffee'));
  const spot = { left: 220, top: 280, width: 64, height: 64 };
  await pick(page, 'coffee.png', await scratched(photo, spot));
  await set(page, 'task', 'repair');
  await chooseTool(page, 'paint');
  await stroke(page, [228 / 600, 312.5 / 400, 276 / 600, 312.5 / 400]);
  const plan = await planOf(page);
  const started = performance.now();
  await page.click('#restore');
  await page.waitForSelector('body[data-state=done]', { timeout: 1000 * options.limit });
  console.log(
    `one scratch of 48 x 3 pixels in 600 x 400: forecast ${plan.seconds.toFixed(1)} s, ${((performance.now() - started) / 1000).toFixed(1)} s from the click`,
  );
  await page.click('#next');
}

/** The code of an example, compressed, in kB: what it loads before the model. */
async function codeSize(folder: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(folder, { recursive: true }))
    if (/\.(js|html|css)$/.test(name) && !/service-worker/.test(name))
      bytes += gzipSync(await readFile(join(folder, name)), { level: 9 }).length;
  return Math.round(bytes / 1000);
}

/** The code of the two smallest examples, with the worker and all parts that are loaded on demand. */
async function exampleSizes(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'spgd-examples-'));
  await esbuild(browserBuild(join(folder, 'plain')));
  await cp(join(root, '..', 'plain'), join(folder, 'plain'), { recursive: true });
  await build({
    root: join(root, '..', 'react'),
    configFile: join(root, 'vite.config.ts'),
    logLevel: 'error',
    build: { outDir: join(folder, 'react'), emptyOutDir: true },
  });
  const [plain, react] = [
    await codeSize(join(folder, 'plain')),
    await codeSize(join(folder, 'react')),
  ];
  console.log(`code of the examples, gzip: plain ${plain} kB, React ${react} kB`);
  await rm(folder, { recursive: true });
}

const outDir = await mkdtemp(join(tmpdir(), 'spgd-page-'));
await build({
  root,
  configFile: join(root, 'vite.config.ts'),
  logLevel: 'error',
  build: { outDir, emptyOutDir: true },
});
const server = await serveFolders({ '/sub/': outDir });
const browser = await launchChromium();
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.setDefaultTimeout(1000 * options.limit);
  page.on('pageerror', ({ message }) => console.log(`error in the page: ${message}`));
  console.log(`${cpus()[0]?.model}, Chromium ${browser.version()}`);
  await firstVisit(page, server);
  await oneScratch(page);
  await exampleSizes();
  console.log(
    '\n| photo | task | noise found | sampler | spot | dB before | dB after | forecast, s | time, s | |\n|---|---|---|---|---|---|---|---|---|---|',
  );
  for (const kind of options.kinds.filter((name) => name in kinds) as Kind[])
    for (const task of options.tasks)
      console.log(
        await measure(page, kind, task).catch(
          ({ message }: Error) =>
            `| ${kinds[kind].title} | ${task} | ${message.split('\n')[0]} | | | | | | | |`,
        ),
      );
} finally {
  await browser.close();
  await server.close();
  await rm(outDir, { recursive: true });
}
