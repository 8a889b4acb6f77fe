import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import type { Resume } from 'spgd';
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
    "Error: restore: cannot write <root>/full.png.resume/piece-0.state: no space is left on the disk; make room, then go on with --resume
    Error: writeImage: cannot write <root>/full.png: no space is left on the disk
    Error: restore: cannot write <root>/full.png.resume/piece-0.state: the disk is read-only; name another folder with --out
    Error: writeImage: cannot write <root>/full.png: the disk is read-only
    Error: restore: cannot write <root>/full.png.resume/piece-0.state: permission denied; name another folder with --out
    Error: writeImage: cannot write <root>/full.png: permission denied"
  `);
  expect(await readdir(root)).toEqual(['full.png.lock', 'full.png.lock.json', 'full.png.resume']);
  expect(await readdir(journal.folder)).toEqual([]);
  await journal.leave(() => {});
  expect(await readdir(root)).toEqual([]);
});

test('what is kept is found again, unless it is of another run, damaged, or not asked for', async () => {
  const out = join(root, 'a.png');
  const journal = await openJournal(out, { seed: 1 }, {});
  await journal.begin();
  await journal.save(0, state());
  await journal.leave(() => {});
  expect((await journal.load(0))?.index).toBe(1);
  expect(await journal.load(1)).toBeUndefined();
  const open = (origin: object, options: object) =>
    openJournal(out, { seed: 1, ...origin }, options);
  /** What loading the first piece of another journal says; that journal frees the picture again. */
  const loaded = async (origin: object = {}) => {
    const other = await open(origin, { resume: true });
    const message = await messageOf(other.load(0));
    await other.leave(() => {});
    return message;
  };

  expect(await loaded()).toBe('nothing was thrown');
  const messages = [await messageOf(open({}, {})), await loaded({ seed: 2 })];
  const path = join(journal.folder, 'piece-0.state');
  const whole = await readFile(path);
  for (const end of [0, 90, whole.length - 1]) {
    await writeFile(path, whole.subarray(0, end));
    messages.push(await loaded());
  }
  const changed = Buffer.from(whole);
  changed.writeFloatLE(Number.NaN, whole.length - 36);
  await writeFile(path, changed);
  messages.push(await loaded());
  expect(messages.join('\n')).toMatchInlineSnapshot(`
    "InputError: restore: <root>/a.png.resume holds an unfinished run: add --resume to go on with it, or --yes to start again
    InputError: restore: cannot resume: <root>/a.png.resume/piece-0.state: seed must be 1, as in the run that was saved, got 2; --yes alone starts again
    InputError: restore: cannot resume: <root>/a.png.resume/piece-0.state: must end in the SHA-256 of its content, got another: it is damaged; --yes alone starts again
    InputError: restore: cannot resume: <root>/a.png.resume/piece-0.state: must end in the SHA-256 of its content, got another: it is damaged; --yes alone starts again
    InputError: restore: cannot resume: <root>/a.png.resume/piece-0.state: must end in the SHA-256 of its content, got another: it is damaged; --yes alone starts again
    InputError: restore: cannot resume: <root>/a.png.resume/piece-0.state: must end in the SHA-256 of its content, got another: it is damaged; --yes alone starts again"
  `);

  const fresh = await open({}, { yes: true });
  expect(await fresh.load(0)).toBeUndefined();
  await fresh.begin();
  expect(await readdir(fresh.folder)).toEqual([]);
  await fresh.remove();
  expect(await readdir(root)).toEqual([]);
});

test('two runs do not write one picture: the second is told who holds it', async () => {
  const out = join(root, 'one.png');
  const first = await openJournal(out, {}, {});
  expect(await messageOf(openJournal(out, {}, {}))).toBe(
    `InputError: restore: process ${process.pid} on ${hostname()} is writing <root>/one.png: wait for it, or name another file with --out`,
  );
  await first.leave(() => {});
  const second = await openJournal(out, {}, {});

  // A process that was killed leaves its lock; no process has this number, it is above Linux' largest.
  await writeFile(`${out}.lock.json`, JSON.stringify({ host: hostname(), pid: 2 ** 22 + 1 }));
  const third = await openJournal(out, {}, {});
  await third.remove();
  await second.remove();
  expect(await readdir(root)).toEqual([]);
});
