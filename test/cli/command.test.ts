import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { bundledPrior } from 'spgd/node';
import { beforeEach, expect, test, vi } from 'vitest';
import { run } from '../../src/cli/run';
import { runCommand } from '../support/run-command';

const repository = fileURLToPath(new URL('../../', import.meta.url));
const main = join(repository, 'src', 'cli', 'main.ts');
let root: string;

const start = (...args: string[]): ChildProcess =>
  spawn(process.execPath, ['--import', 'tsx', main, ...args], { cwd: repository });

/** Runs the command to its end, with the folder of this test cut out of what it prints. */
async function spgd(...args: string[]) {
  const child = start(...args);
  const text = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream]!.on('data', (data) => {
      text[stream] += String(data).replaceAll(root, '<root>');
    });
  const [code] = await once(child, 'close');
  return { code, ...text };
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'spgd-command-'));
});

/** Runs the command inside the test, which is faster; gives the exit code and what stderr got. */
async function inside(args: string[]): Promise<string> {
  const { code, err } = await runCommand(root, ...args);
  return `${code} ${err.trim()}`;
}

test('wrong usage and bad input give 2 and one line', async () => {
  await writeFile(join(root, 'notes.pt'), 'just text');
  await writeFile(join(root, 'list.json'), '[1]');
  const wrong = [
    ['restore'],
    ['demo', '--steps', 'many'],
    ['demo', '--learning-rate', '-1'],
    ['demo', '--task', 'toothache'],
    ['demo', '--out', join(root, 'a.bmp')],
    ['demo', '--out', join(root, 'no', 'a.png')],
    ['demo', '--backend', 'cpu', '--photo', join(root, 'x.png'), '--out', join(root, 'a.png')],
    ['convert', join(root, 'notes.pt')],
    ['convert', join(root, 'x.pt'), '--out', join(root, 'm'), '--preset', 'ffhq256'],
    ['convert', join(root, 'notes.pt'), '--out', join(root, 'm'), '--preset', 'ffhq256'],
    [
      'convert',
      join(root, 'notes.pt'),
      '--out',
      join(root, 'm'),
      '--config',
      join(root, 'list.json'),
    ],
    ['convert', join(root, 'notes.pt'), '--out', root],
    ['convert', join(root, 'notes.pt'), '--out', join(root, 'm'), '--size', '256'],
    ['info', join(root, 'nowhere')],
  ];
  const results = [];
  for (const args of wrong) results.push(await inside(args));
  expect(results.join('\n')).toMatchInlineSnapshot(`
    "2 spgd: missing required argument 'photos'
    2 spgd: option '--steps <n>' argument 'many' is invalid. It must be an integer >= 1, got many.
    2 spgd: option '--learning-rate <x>' argument '-1' is invalid. It must be a number > 0, got -1.
    2 spgd: option '--task <name>' argument 'toothache' is invalid. Allowed choices are super-resolution, random-inpainting, box-inpainting, gaussian-blur, defocus-blur, motion-blur, phase-retrieval, high-dynamic-range, denoising, jpeg, colorization, demosaicing.
    2 spgd: writeImage: path must be a file name that ends with .png, .jpg, .jpeg, .webp, .tif, .tiff, got <root>/a.bmp
    2 spgd: writeImage: cannot write <root>/no/a.png: there is no folder <root>/no; make it first
    2 spgd: readImage: cannot read <root>/x.png: there is no such file
    2 spgd: required option '--out <folder>' not specified
    2 spgd: fileSource: cannot read <root>/x.pt: there is no such file
    2 spgd: <root>/notes.pt: is a text file, not a checkpoint
    2 spgd: <root>/list.json: must hold an object such as {"image_size": 256}
    2 spgd: saveModel: <root> must be new, empty, or hold a model and nothing else, got list.json in it; name another folder
    2 spgd: option '--size <HxW>' argument '256' is invalid. It must be HEIGHTxWIDTH in pixels, such as 256x320, got 256.
    2 spgd: loadModel: cannot read <root>/nowhere: there is no such file"
  `);
  expect((await readdir(root)).sort()).toEqual(['list.json', 'notes.pt']);
});

test('bad input ends the command with 2', async () => {
  const { code, stderr } = await spgd('demo', '--out', join(root, 'a.bmp'));
  expect(code).toBe(2);
  expect(stderr).toMatch(/^spgd: writeImage: path must be .*\n$/);
});

test('a failure that is not the fault of the input ends with 1', async () => {
  const { code, stderr } = await spgd('info', '--backend', 'tfjs-node-gpu');
  expect(code).toBe(1);
  expect(stderr).toMatch(/^spgd: useBackend: @tensorflow\/tfjs-node-gpu is not installed; .*\n$/);
});

test('the stack comes with --debug', async () => {
  const { code, stderr } = await spgd('info', join(root, 'nowhere'), '--debug');
  expect(code).toBe(2);
  expect(stderr).toMatch(/^spgd: InputError: loadModel: .*\n {4}at /);
});

test('a reader that has enough ends nothing: no stack trace, and the result is written', async () => {
  const out = join(root, 'a.png');
  const few = ['--size', '16', '--steps', '2', '--warmup-steps', '1', '--out', out];
  const child = start('demo', ...few);
  child.stdout!.destroy();
  let stderr = '';
  child.stderr!.on('data', (data) => {
    stderr += data;
  });
  const [code] = await once(child, 'close');
  expect([code, stderr]).toEqual([0, expect.not.stringMatching(/EPIPE|at /)]);
  expect(await readdir(root)).toEqual(['a.png']);
});

test('help and version give 0', async () => {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  expect(await run(['demo', '--help'])).toBe(0);
  expect(await run(['--version'])).toBe(0);
  const printed = write.mock.calls.map(([text]) => String(text));
  write.mockRestore();
  expect(printed.join('')).toContain('--warmup-steps <n>');
  expect(printed.at(-1)).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test('Ctrl-C ends with 130, one line and no file', async () => {
  const server = createServer(() => {}).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/model.json`;
  const child = start('demo', '--model', url, '--out', join(root, 'a.png'));
  let stderr = '';
  child.stderr!.on('data', (data) => {
    stderr += data;
  });
  await once(server, 'request');
  child.kill('SIGINT');
  const [code] = await once(child, 'close');
  server.closeAllConnections();
  server.close();
  expect(code).toBe(130);
  expect(stderr).toBe('spgd: interrupted\n');
  expect(await readdir(root)).toEqual([]);
});

const hasPrior = existsSync(bundledPrior.slice('file://'.length));

test.skipIf(!hasPrior)('the demo writes its picture and says what it found', async () => {
  const out = join(root, 'a.png');
  const few = ['--size', '16', '--steps', '2', '--warmup-steps', '1'];
  const { code, stdout, stderr } = await spgd('demo', ...few, '--out', out);
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /restored \(spgd\): PSNR -?[\d.]+ dB\ntime: [\d.]+ s\nwrote <root>\/a\.png/,
  );
  expect(stderr).toMatch(/^step 1\/2 .* data error [\d.]+\nstep 2\/2 .*\n$/);
  expect(await sharp(out).metadata()).toMatchObject({ format: 'png', channels: 3 });
});

test.skipIf(!hasPrior)('info describes the bundled prior', async () => {
  const { code, stdout } = await spgd('info');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^backend +wasm \(/m);
  expect(stdout).toMatch(/^parameters +[\d,]+$/m);
});
