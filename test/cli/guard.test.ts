import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';

const main = resolve('src/cli/main.ts');

test('Ctrl-C ends a restoration while one network pass runs, and leaves nothing behind', async () => {
  const root = await mkdtemp(join(tmpdir(), 'spgd-guard-'));
  const photo = join(root, 'photo.png');
  await sharp(resolve('photos/coffee.png')).resize(1300, 900).toFile(photo);
  const options =
    '--task denoising --noise-std 0.1 --model prior64 --backend wasm --workers 1 --yes';
  const args = ['--import', 'tsx', main, 'restore', photo, ...options.split(' ')];
  const run = spawn(process.execPath, args);
  let text = '';
  const stopped = new Promise<number>((done) => {
    for (const stream of [run.stdout, run.stderr])
      stream.on('data', (data) => {
        const isPlanned = /plan: .*\n/.test(text);
        text += String(data);
        // The first pass begins after the forecast; it takes tens of seconds.
        if (!isPlanned && /plan: .*\n/.test(text))
          setTimeout(() => {
            run.kill('SIGINT');
            done(performance.now());
          }, 1000);
      });
  });
  const [code] = await once(run, 'close');
  expect(performance.now() - (await stopped)).toBeLessThan(8000);
  expect(code).toBe(130);
  expect(text).toMatch(/spgd: interrupted\n$/);
  expect(await readdir(root)).toEqual(['photo.png']);
}, 60_000);
