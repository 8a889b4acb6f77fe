import { mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { type Resume, saveState } from 'spgd';
import { useBackend, writePixels } from 'spgd/node';
import { beforeAll, expect, test, vi } from 'vitest';
import writeFileAtomic from 'write-file-atomic';
import { openJournal } from '../../../src/cli/restore/journal';

// A full disk cannot be had on every machine, so the write is made to fail as it would there.
vi.mock('write-file-atomic', async (original) => ({
  default: vi.fn((await original<{ default: typeof writeFileAtomic }>()).default),
}));

let root: string;
beforeAll(async () => {
  await useBackend('cpu');
  root = await mkdtemp(join(tmpdir(), 'spgd-journal-'));
});

const state = (): Resume => ({ index: 1, state: { x: tf.ones([1, 4, 4, 3]) } });
const messageOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'nothing was thrown',
    (error: Error) => `${error.name}: ${error.message.replaceAll(root, '<root>')}`,
  );
const failWith = (code: string) =>
  vi.mocked(writeFileAtomic).mockRejectedValueOnce(Object.assign(new Error(code), { code }));

test('a full disk and one that may only be read are told in one line, and nothing is half written', async () => {
  const journal = await openJournal(join(root, 'full.png'), {}, {});
  await journal.begin();
  const picture = { values: new Uint8Array(12), shape: [2, 2, 3], white: 255 } as const;
  const messages: string[] = [];
  for (const code of ['ENOSPC', 'EROFS', 'EACCES']) {
    failWith(code);
    messages.push(await messageOf(journal.save(0, state())));
    failWith(code);
    messages.push(await messageOf(writePixels(join(root, 'full.png'), picture)));
  }
  expect(messages.join('\n')).toMatchInlineSnapshot(`
    "Error: restore: cannot write <root>/full.png.resume/piece-0.safetensors: no space is left on the disk; make room, then go on with --resume
    Error: writeImage: cannot write <root>/full.png: no space is left on the disk
    Error: restore: cannot write <root>/full.png.resume/piece-0.safetensors: the disk is read-only; name another folder with --out
    Error: writeImage: cannot write <root>/full.png: the disk is read-only
    Error: restore: cannot write <root>/full.png.resume/piece-0.safetensors: permission denied; name another folder with --out
    Error: writeImage: cannot write <root>/full.png: permission denied"
  `);
  expect(await readdir(root)).toEqual(['full.png.resume']);
  expect(await readdir(journal.folder)).toEqual([]);
  await journal.leave(() => {});
  expect(await readdir(root)).toEqual([]);
});

test('what is kept is found again, unless it is of another run, damaged, or not asked for', async () => {
  const out = join(root, 'a.png');
  const journal = await openJournal(out, { seed: 1 }, {});
  await journal.begin();
  await journal.save(0, state());
  expect((await journal.load(0))?.index).toBe(1);
  expect(await journal.load(1)).toBeUndefined();
  const open = (origin: object, options: object) =>
    openJournal(out, { seed: 1, ...origin }, options);

  expect((await (await open({}, { resume: true })).load(0))?.index).toBe(1);
  const messages = [
    await messageOf(open({}, {})),
    await messageOf((await open({ seed: 2 }, { resume: true })).load(0)),
  ];
  await writeFile(
    join(journal.folder, 'piece-0.safetensors'),
    (await saveState(state())).subarray(0, 90),
  );
  messages.push(await messageOf((await open({}, { resume: true })).load(0)));
  expect(messages.join('\n')).toMatchInlineSnapshot(`
    "InputError: restore: <root>/a.png.resume holds an unfinished run: add --resume to go on with it, or --yes to start again
    InputError: restore: cannot resume: <root>/a.png.resume/piece-0.safetensors: seed must be 1, as in the run that was saved, got 2; --yes alone starts again
    InputError: restore: cannot resume: <root>/a.png.resume/piece-0.safetensors: is cut short: 160 bytes from 8 on, of 90; --yes alone starts again"
  `);

  const fresh = await open({}, { yes: true });
  expect(await fresh.load(0)).toBeUndefined();
  await fresh.begin();
  expect(await readdir(fresh.folder)).toEqual([]);
});
