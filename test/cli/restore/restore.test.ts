import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import sharp from 'sharp';
import { motionBlur, psnr } from 'spgd';
import { fileHandler, readImage, useBackend } from 'spgd/node';
import { beforeAll, expect, test } from 'vitest';
import { consent } from '../../../src/cli/restore/forecast';
import { readKernel } from '../../../src/cli/restore/read-kernel';
import { filledModel } from '../../models/graph/filled-model';
import { runCommand } from '../../support/run-command';

let root: string;
const at = (name: string) => join(root, name);

const spgd = (...args: string[]) => runCommand(root, ...args);

const quick = () => [
  '--model',
  at('model'),
  '--backend',
  'wasm',
  '--steps',
  '2',
  '--warmup-steps',
  '1',
];
const restore = (photo: string, ...args: string[]) =>
  spgd('restore', at(photo), ...quick(), '--workers', '1', ...args);

/** A picture of 31 x 37 pixels with something in every one of them. */
async function picture(name: string, channels: 1 | 3 | 4, deep = false): Promise<void> {
  const count = 31 * 37 * channels;
  const values = deep ? new Uint16Array(count) : new Uint8Array(count);
  for (let i = 0; i < count; i++) values[i] = (i * 7919) % (deep ? 65536 : 256);
  await sharp(values, { raw: { width: 37, height: 31, channels } })
    .toColourspace(deep ? 'rgb16' : channels === 1 ? 'b-w' : 'srgb')
    .toFile(at(name));
}

const drawing = (marks: string, width = 37, height = 31) =>
  sharp(
    Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${marks}</svg>`,
    ),
  );
const speck = '<rect x="5" y="6" width="3" height="2" fill="#00f"/>';
const black = '<rect width="100" height="100"/>';

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'spgd-restore-'));
  await useBackend('wasm');
  const url = pathToFileURL(join(at('model'), 'model.json')).href;
  await fileHandler(url).save(await filledModel());
  await picture('photo.png', 3);
  await picture('deep.png', 3, true);
  const noise = { type: 'gaussian', mean: 128, sigma: 25 } as const;
  await sharp({ create: { width: 64, height: 64, channels: 3, background: '#888', noise } })
    .png()
    .toFile(at('noisy.png'));
  await picture('alpha.png', 4);
  await drawing(speck).png().toFile(at('mask.png'));
  await drawing(black + speck.replace('#00f', '#fff'))
    .png()
    .toFile(at('white.png'));
  await drawing('').png().toFile(at('empty.png'));
  await drawing(black).png().toFile(at('smooth.png'));
  await drawing(black.replace('/>', ' fill="#fff"/>')).png().toFile(at('full.png'));
  await drawing(speck, 36, 31).png().toFile(at('other.png'));
  await symlink('/dev/zero', at('zero.png'));
  execFileSync('mkfifo', [at('fifo.json')]);
  await writeFile(at('text.png'), 'not a picture');
  await writeFile(at('even.json'), '[[1,1],[1,1]]');
  await writeFile(at('words.json'), '{"kernel": 1}');
  await writeFile(at('broken.json'), '[[1,');
  await writeFile(at('zero.json'), '[[0,0,0],[0,0,0],[0,0,0]]');
  await drawing(black, 99, 99).png().toFile(at('large-kernel.png'));
  await drawing('<rect width="1" height="1" fill="#888"/>', 1, 1).png().toFile(at('one.png'));
});

const raw = (name: string) => sharp(at(name)).raw({ depth: 'ushort' }).toBuffer();

test.each([
  ['photo.png', 'mask.png'],
  ['photo.png', 'white.png'],
  ['deep.png', 'mask.png'],
  ['alpha.png', 'mask.png'],
])(
  '%s with %s: what is painted changes, all else is as it was, bit for bit',
  async (photo, mask) => {
    const { code, out } = await restore(photo, '--mask', at(mask), '--out', at('a.png'));
    expect(code).toBe(0);
    expect(out).toContain('<root>/'.concat(photo, ': 6 of 37 x 31 pixels are missing (0.52 %)'));
    const { width, channels, depth } = await sharp(at('a.png')).metadata();
    expect(depth).toBe(photo === 'deep.png' ? 'ushort' : 'uchar');
    const [before, after] = [await raw(photo), await raw('a.png')];
    const changed = new Set<number>();
    for (let i = 0; i < before.length; i++)
      if (before[i] !== after[i]) changed.add(Math.floor(i / 2 / channels!));
    for (const pixel of changed) {
      const [row, column] = [Math.floor(pixel / width!), pixel % width!];
      expect(row >= 6 && row < 8 && column >= 5 && column < 8).toBe(true);
    }
    expect(changed.size).toBe(6);
    expect(existsSync(at('a.png.resume'))).toBe(false);
  },
);

test('--simulate degrades a clean photo first and rates the result, also as JSON', async () => {
  const { code, out, err } = await restore(
    'photo.png',
    '--simulate',
    '--task',
    'gaussian_blur',
    '--blur-std',
    '1',
    '--size',
    '20x15',
    '--json',
    '--samples',
    '2',
    '--keep',
    'all',
    '--out',
    at('b.png'),
  );
  expect(code).toBe(0);
  const told = JSON.parse(out);
  expect(told).toMatchObject({ task: 'gaussian-blur', settings: { steps: 2, warmupSteps: 1 } });
  const [{ samples, after: ofMean }] = told.results;
  expect(samples.map((result: { seed: number }) => result.seed)).toEqual([0, 1]);
  const clean = await readImage(at('photo.png'), { size: [20, 15] });
  const rated = [...samples, { after: ofMean }];
  for (const [i, { after }] of rated.entries()) {
    const written = await readImage(at(i < 2 ? `b-${i}.png` : 'b.png'));
    const ratio = psnr(written, clean);
    expect(after.psnr).toBeCloseTo(ratio.dataSync()[0]!, 3);
    tf.dispose([written, ratio]);
  }
  clean.dispose();
  expect(err).toContain('step 4/4');
  expect(existsSync(at('b-0.png')) && existsSync(at('b-1.png'))).toBe(true);
});

test.each([
  ['--mask', ['--mask', '<root>/mask.png'], 'box-inpainting (--mask is given)'],
  ['--noise-std', ['--noise-std', '0.3'], 'denoising (--noise-std is given)'],
  ['--blur-std', ['--blur-std', '1'], 'gaussian-blur (--blur-std is given)'],
  ['nothing', [], /denoising \(noise of \d\.\d+ is found\)/],
])('the task of a damaged photo follows from %s, and is said', async (_, args, task) => {
  const given = args.map((arg) => arg.replace('<root>', root));
  const photo = args.length > 0 ? 'photo.png' : 'noisy.png';
  const { code, out } = await restore(photo, ...given, '--out', at('d.png'));
  expect(code).toBe(0);
  expect(out.split('task: ')[1]).toMatch(task);
});

test('a point of light blurred by a kernel is the streak that the file shows', async () => {
  await writeFile(
    at('streak.json'),
    '[[0,0,0,0,0],[0,0,0,0,0],[0,0,4,3,3],[0,0,0,0,0],[0,0,0,0,0]]',
  );
  const point = tf.tensor4d(
    Array.from({ length: 81 }, (_, i) => (i === 40 ? 1 : 0)),
    [1, 9, 9, 1],
  );
  const blur = motionBlur({ kernel: await readKernel(at('streak.json')) });
  const row = [...(await tf.slice(blur.forward(point), [0, 4, 2, 0], [1, 1, 5, 1]).data())];
  for (const [i, level] of [0, 0, 0.4, 0.3, 0.3].entries()) expect(row[i]).toBeCloseTo(level, 6);
});

test('any number of threads gives the same picture, bit for bit', async () => {
  const args = ['--task', 'denoising', '--noise-std', '0.2', '--size', '20x15'];
  await restore('photo.png', ...args, '--out', at('c1.png'));
  await spgd(
    'restore',
    at('photo.png'),
    ...quick(),
    ...args,
    '--workers',
    '2',
    '--out',
    at('c2.png'),
  );
  expect(Buffer.compare(await readFile(at('c1.png')), await readFile(at('c2.png')))).toBe(0);
});

test('a job of more than ten minutes needs --yes where there is nobody to ask', async () => {
  await expect(consent(11 * 60_000, undefined)).rejects.toMatchObject({
    name: 'InputError',
    message:
      'restore: this takes about 11 min: add --yes to agree, or --quality fast, fewer --steps, a smaller --size',
  });
  await consent(9 * 60_000, undefined);
  await consent(11 * 60_000, true);
});

test('an interrupted run goes on to the identical picture, and refuses to go on with other options', async () => {
  const args = ['--task', 'denoising', '--noise-std', '0.2', '--steps', '4', '--size', '12x15'];
  await restore('photo.png', ...args, '--out', at('whole.png'));

  const pending = restore('photo.png', ...args, '--out', at('part.png'));
  const saved = join(at('part.png.resume'), 'piece-0.state');
  while (!existsSync(saved)) await new Promise((resolve) => setTimeout(resolve, 1));
  process.emit('SIGINT');
  expect((await pending).code).toBe(130);
  expect(existsSync(at('part.png'))).toBe(false);

  const again = await restore('photo.png', ...args, '--out', at('part.png'));
  expect(again).toMatchObject({ code: 2 });
  expect(again.err).toMatch('holds an unfinished run: add --resume');
  const other = await restore(
    'photo.png',
    ...args,
    '--resume',
    '--seed',
    '1',
    '--out',
    at('part.png'),
  );
  expect(other.code).toBe(2);
  expect(other.err).toMatch(/piece-0.state: seed must be 0, as in the run that was saved, got 1/);
  expect((await restore('photo.png', ...args, '--resume', '--out', at('part.png'))).code).toBe(0);
  expect(Buffer.compare(await readFile(at('whole.png')), await readFile(at('part.png')))).toBe(0);
});

const damaged = ['--mask'];
const wrong: [string, string[]][] = [
  ['no such file', ['nowhere.png', '--task', 'denoising']],
  ['text named .png', ['text.png', '--task', 'denoising']],
  ['no task', ['smooth.png']],
  ['nothing to simulate', ['photo.png', '--simulate']],
  ['mask missing', ['photo.png', '--task', 'inpainting']],
  ['mask of another size', ['photo.png', ...damaged, '<root>/other.png']],
  ['empty mask', ['photo.png', ...damaged, '<root>/empty.png']],
  ['full mask', ['photo.png', ...damaged, '<root>/full.png']],
  ['mask of another task', ['photo.png', '--task', 'denoising', '--mask', '<root>/mask.png']],
  ['kernel missing', ['photo.png', '--task', 'motion_blur']],
  ['blur missing', ['photo.png', '--task', 'gaussian-blur']],
  ['no such kernel', ['photo.png', '--kernel', '<root>/none.json']],
  ['even kernel', ['photo.png', '--kernel', '<root>/even.json']],
  ['kernel of words', ['photo.png', '--kernel', '<root>/words.json']],
  ['broken kernel', ['photo.png', '--kernel', '<root>/broken.json']],
  ['kernel of zeros', ['photo.png', '--kernel', '<root>/zero.json']],
  ['black kernel larger than the photo', ['photo.png', '--kernel', '<root>/large-kernel.png']],
  ['blur larger than the photo', ['photo.png', '--blur-std', '9']],
  ['1 x 1 and a blur', ['one.png', '--blur-std', '1']],
  ['scale that does not divide', ['photo.png', '--simulate', '--scale', '4']],
  ['phase retrieval of a photo', ['photo.png', '--task', 'phase_retrieval']],
  ['too many pixels', ['photo.png', '--task', 'denoising', '--max-pixels', '1000']],
  ['a device', ['zero.png', '--task', 'denoising']],
  ['a kernel that is a FIFO', ['photo.png', '--kernel', '<root>/fifo.json']],
  ['unknown sampler', ['photo.png', '--task', 'denoising', '--sampler', 'magic']],
  ['tile', ['photo.png', '--task', 'denoising', '--tile', '9']],
  ['unknown extension', ['photo.png', '--task', 'denoising', '--out', '<root>/a.bmp']],
  ['no such folder', ['photo.png', '--task', 'denoising', '--out', '<root>/no/a.png']],
  ['too large at once', ['photo.png', '--simulate', '--task', 'denoising', '--size', '6000x6000']],
];

test('what is wrong is told in one line, with what to do, and nothing is written', async () => {
  const before = (await readdir(root)).sort();
  const table: string[] = [];
  for (const [title, [photo, ...args]] of wrong) {
    const out = args.includes('--out') ? [] : ['--out', at('x.png')];
    const given = args.map((arg) => arg.replace('<root>', root));
    const { code, err } = await restore(photo!, ...given, ...out);
    // The list of samplers grows.
    const told = err.trim().replace(/one of these: [a-z].*, got/, 'one of these: …, got');
    table.push(`${title}: ${code} ${told}`);
  }
  expect(table.join('\n')).toMatchInlineSnapshot(`
    "no such file: 2 spgd: readImage: cannot read <root>/nowhere.png: there is no such file
    text named .png: 2 spgd: readImage: cannot read <root>/text.png: it is not an image; png, jpeg, webp, tiff, gif and avif are read
    no task: 2 spgd: restore: what happened to <root>/smooth.png? Found: a grey photo; hardly any noise; too small to judge its sharpness; 100 % of it black. Give --task, or --mask, --kernel, --scale or --blur-std
    nothing to simulate: 2 spgd: restore: --simulate needs --task: what happens to the photo
    mask missing: 2 spgd: restore: box-inpainting needs --mask: a picture as large as the photo with what is missing painted
    mask of another size: 2 spgd: restore: the mask <root>/other.png must be as large as the photo, 37 x 31, got 36 x 31
    empty mask: 2 spgd: restore: the mask <root>/empty.png marks no pixel as missing; paint what is missing in white on black, or in any colour on a transparent layer
    full mask: 2 spgd: restore: the mask <root>/full.png marks every pixel as missing; paint what is missing in white on black, or in any colour on a transparent layer
    mask of another task: 2 spgd: restore: --mask is for random-inpainting, box-inpainting, not for denoising
    kernel missing: 2 spgd: restore: motion-blur needs --kernel: the streak that a point of light left, as a picture or as JSON
    blur missing: 2 spgd: restore: gaussian-blur needs --blur-std: the standard deviation of the blur in pixels
    no such kernel: 2 spgd: restore: cannot read <root>/none.json: there is no such file
    even kernel: 2 spgd: restore: the kernel <root>/even.json must be square, its side odd and from 3 to 255, got 2 x 2
    kernel of words: 2 spgd: restore: the kernel <root>/words.json must hold rows of numbers, such as [[0,1,0],[1,4,1],[0,1,0]]
    broken kernel: 2 spgd: restore: the kernel <root>/broken.json is not JSON
    kernel of zeros: 2 spgd: restore: the kernel <root>/zero.json must have a sum > 0, got 0
    black kernel larger than the photo: 2 spgd: restore: the kernel <root>/large-kernel.png must have a sum > 0, got 0
    blur larger than the photo: 2 spgd: restore: a blur of 73 x 73 pixels is too large for a photo of 37 x 31: cut the kernel, or check that it belongs to this photo
    1 x 1 and a blur: 2 spgd: restore: a blur of 9 x 9 pixels is too large for a photo of 1 x 1: cut the kernel, or check that it belongs to this photo
    scale that does not divide: 2 spgd: restore: --scale 4 must divide the photo, 37 x 31: add --size 28x36
    phase retrieval of a photo: 2 spgd: restore: phase-retrieval is for no photo: add --simulate to measure a clean one
    too many pixels: 2 spgd: readImage: <root>/photo.png must have at most maxPixels = 1000 pixels, got 37 x 31; raise maxPixels or shrink the image
    a device: 2 spgd: readImage: cannot read <root>/zero.png: it is a device, not a regular file
    a kernel that is a FIFO: 2 spgd: restore: cannot read <root>/fifo.json: it is a FIFO, not a regular file
    unknown sampler: 2 spgd: spgd: sampler must be spgd, or spgd: and one of these, or one of these: …, got magic
    tile: 2 spgd: tiledDenoiser: size must be a multiple of 2, got 9
    unknown extension: 2 spgd: writeImage: path must be a file name that ends with .png, .jpg, .jpeg, .webp, .tif, .tiff, got <root>/a.bmp
    no such folder: 2 spgd: writeImage: cannot write <root>/no/a.png: there is no folder <root>/no; make it first
    too large at once: 2 spgd: restore: 6000 x 6000 pixels at once need 9.7 GiB, and WebAssembly has 3.5, enough for 13 megapixels: shrink the photo with --size, mark damaged places with --mask, or use native TensorFlow"
  `);
  expect((await readdir(root)).sort()).toEqual(before);
});

test('a preview that cannot be written is a warning, and the result is written', async () => {
  await mkdir(join(at('warned.png.resume'), 'preview.png'), { recursive: true });
  const args = ['--task', 'denoising', '--noise-std', '0.2', '--size', '12x15', '--resume'];
  const { code, out } = await restore('photo.png', ...args, '--out', at('warned.png'));
  expect([code, out]).toEqual([0, expect.stringMatching(/warning: no preview: .*it is a folder/)]);
  expect(existsSync(at('warned.png'))).toBe(true);
});

test('what a picture had stays: one channel, alpha, 16 bits and the profile, in a task of the whole photo', async () => {
  const blur = ['--blur-std', '0.6', '--noise-std', '0.05', '--sampler', 'ddrm'];
  await picture('gray.png', 1);
  await sharp(await sharp(at('gray.png')).toBuffer())
    .withIccProfile('p3')
    .toColourspace('srgb')
    .png()
    .toFile(at('wide.png'));
  const cases = [
    ['gray.png', 1, 'uchar'],
    ['deep.png', 3, 'ushort'],
    ['alpha.png', 4, 'uchar'],
    ['wide.png', 3, 'uchar'],
  ] as const;
  for (const [name, channels, depth] of cases) {
    expect((await restore(name, ...blur, '--out', at('kept.png'))).code).toBe(0);
    const before = await sharp(await readFile(at(name))).metadata();
    const after = await sharp(await readFile(at('kept.png'))).metadata();
    expect(after).toMatchObject({ channels, depth });
    expect(after.icc).toEqual(before.icc);
  }
  const alphaOf = async (name: string) =>
    sharp(await readFile(at(name)))
      .extractChannel('alpha')
      .raw()
      .toBuffer();
  await restore('alpha.png', ...blur, '--out', at('kept.png'));
  expect(Buffer.compare(await alphaOf('kept.png'), await alphaOf('alpha.png'))).toBe(0);
  const larger = [
    '--scale',
    '2',
    '--noise-std',
    '0.05',
    '--sampler',
    'ddrm',
    '--out',
    at('large.png'),
  ];
  expect((await restore('alpha.png', ...larger)).code).toBe(0);
  const { width, height, channels } = await sharp(at('large.png')).metadata();
  expect([width, height, channels]).toEqual([74, 62, 4]);
  const { out } = await restore('alpha.png', ...blur, '--out', at('kept.jpg'));
  expect(out).toContain('note: <root>/kept.jpg holds nothing transparent');
});

test('CMYK and animations are read, and it is said how', async () => {
  await sharp(at('photo.png')).toColourspace('cmyk').jpeg().toFile(at('print.jpg'));
  const { out } = await restore('print.jpg', ...damaged, at('mask.png'), '--out', at('e.png'));
  expect(out).toContain('note: <root>/print.jpg is in CMYK; it is converted to sRGB');
  const frames = Buffer.alloc(37 * 62 * 3, 90).fill(200, 37 * 31 * 3);
  const animation = sharp(frames, { raw: { width: 37, height: 62, channels: 3, pageHeight: 31 } });
  await animation.gif().toFile(at('two.gif'));
  const gif = await restore('two.gif', ...damaged, at('mask.png'), '--out', at('e.png'));
  expect(gif.out).toContain('note: <root>/two.gif has 2 frames or pages; the first is restored');
  expect(gif.code).toBe(0);
});
