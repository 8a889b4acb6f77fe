import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { fileHandler, fileSource, readImage, readInput, readTensors } from 'spgd/node';
import { beforeAll, expect, test } from 'vitest';

let root: string;
const at = (name: string) => join(root, name);

/** The message of what is thrown, with the folder of this test cut out. */
const messageOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'nothing was thrown',
    (error: Error) => `${error.name}: ${error.message.replaceAll(root, '<root>')}`,
  );

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'spgd-open-'));
  execFileSync('mkfifo', [at('fifo')]);
  await symlink('/dev/zero', at('device'));
  await mkdir(at('folder'));
  await new Promise<void>((resolve) => {
    const server = createServer().listen(at('socket'), resolve);
    server.unref();
  });
  await writeFile(at('file'), 'content');
});

const readers: [string, (path: string) => Promise<unknown>][] = [
  ['an image', readImage],
  ['a model', (path) => fileHandler(`file://${path}`).load()],
  ['a checkpoint', fileSource],
  ['tensors', readTensors],
  ['any input', (path) => readInput(path, { purpose: 'test' })],
];

test.each(readers)(
  '%s is read from a regular file, and nothing else is waited for',
  async (_, read) => {
    const started = performance.now();
    const kinds = { fifo: 'a FIFO', device: 'a device', folder: 'a folder', socket: 'a socket' };
    for (const [name, kind] of Object.entries(kinds))
      expect(await messageOf(read(at(name)))).toMatch(
        new RegExp(
          `^InputError: \\w+: cannot read <root>/${name}(/model.json)?: .*(${kind}|no such)`,
        ),
      );
    expect(performance.now() - started).toBeLessThan(2000);
  },
);

test('the size is checked before a file is read', async () => {
  const options = { purpose: 'test', maxBytes: 6 };
  expect(await messageOf(readInput(at('file'), options))).toBe(
    'InputError: test: <root>/file must hold at most 6 bytes, got 7',
  );
  const bytes = await readInput(at('file'), { ...options, maxBytes: 7 });
  expect(new TextDecoder().decode(bytes)).toBe('content');
});

const svg =
  '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>';

test('an SVG is refused whatever its name and however it begins', async () => {
  const { gzipSync } = await import('node:zlib');
  const files = { plain: svg, spaced: ` \n<?xml version="1.0"?>${svg}`, late: `text ${svg}` };
  for (const [name, content] of Object.entries(files)) {
    await writeFile(at(`${name}.png`), content);
    expect(await messageOf(readImage(at(`${name}.png`)))).toMatch(/SVG|format svg|damaged/);
  }
  expect(await messageOf(readImage(gzipSync(svg)))).toMatch('it is an SVG, which is no photo');
});

test('HEIC that cannot be decoded has a remedy', async () => {
  const heic = Buffer.alloc(64);
  heic.write('\0\0\0\u0018ftypheic\0\0\0\0mif1heic', 'latin1');
  expect(await messageOf(readImage(heic))).toBe(
    'InputError: readImage: cannot read the bytes given: HEIC is not supported by this build of libvips: convert to JPEG or PNG first',
  );
});

/** A gray ramp of 16 x 16 as TIFF: `format` 1 is unsigned, 2 signed, 3 floating. */
function tiff(data: NodeJS.TypedArray, bits: number, format: number): Buffer {
  const tags = [
    [256, 3, 16],
    [257, 3, 16],
    [258, 3, bits],
    [259, 3, 1],
    [262, 3, 1],
    [273, 4, 200],
    [277, 3, 1],
    [278, 3, 16],
    [279, 4, data.byteLength],
    [339, 3, format],
  ] as const;
  const bytes = Buffer.alloc(200 + data.byteLength);
  bytes.write('II');
  bytes.writeUInt16LE(42, 2);
  bytes.writeUInt32LE(8, 4);
  bytes.writeUInt16LE(tags.length, 8);
  for (const [i, [tag, type, value]] of tags.entries()) {
    const entry = 10 + 12 * i;
    bytes.writeUInt16LE(tag, entry);
    bytes.writeUInt16LE(type, entry + 2);
    bytes.writeUInt32LE(1, entry + 4);
    bytes.writeUInt32LE(value, entry + 8);
  }
  Buffer.from(data.buffer).copy(bytes, 200);
  return bytes;
}

const ramp = Array.from({ length: 256 }, (_, i) => i / 255);

test.each([
  ['float', tiff(Float32Array.from(ramp), 32, 3)],
  [
    'short',
    tiff(
      Int16Array.from(ramp, (v) => v * 32767),
      16,
      2,
    ),
  ],
  [
    'uint',
    tiff(
      Uint32Array.from(ramp, (v) => v * 4294967295),
      32,
      1,
    ),
  ],
])('a TIFF of %s is refused by its type', async (type, file) => {
  expect(await messageOf(readImage(file))).toMatch(
    `its values are of the type ${type}, and 8 or 16 bits without sign are read`,
  );
});

test('a TIFF of 16 bits without sign keeps every level', async () => {
  const file = tiff(
    Uint16Array.from(ramp, (v) => v * 65535),
    16,
    1,
  );
  const values = await (await readImage(file, { grayscale: true })).data();
  for (const [i, level] of ramp.entries()) expect(values[i]).toBeCloseTo(2 * level - 1, 4);
  expect((await sharp(file).metadata()).depth).toBe('ushort');
});
