import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { useBackend } from 'spgd/node';
import { afterEach, expect, test, vi } from 'vitest';
import { checkBackend } from '../../src/node/check-backend';
import { type BackendCandidate, chooseBackend, startBackend } from '../../src/node/choose-backend';
import { errorNaming } from '../support/error-naming';

const candidate = (
  name: string,
  state: 'missing' | 'works' | Error,
  started: string[] = [],
): BackendCandidate => ({
  name,
  package: `@tensorflow/${name}`,
  remedy: `run 'npm install @tensorflow/${name}'`,
  isInstalled: () => state !== 'missing',
  async start() {
    started.push(name);
    if (state instanceof Error) throw state;
    return undefined;
  },
});

const broken = new Error(
  'libtensorflow.so.2: cannot open shared object file\nRequire stack:\n- /x',
);

afterEach(() => {
  vi.restoreAllMocks();
});

test('the first backend that works is taken, and no other is started', async () => {
  const started: string[] = [];
  const list = [candidate('a', 'missing', started), candidate('b', 'works', started)];
  list.push(candidate('c', 'works', started));
  expect((await chooseBackend(list)).name).toBe('b');
  expect(started).toEqual(['b']);
});

test('a backend to be asked for by name is passed over, and started where it is asked for', async () => {
  const started: string[] = [];
  const shy = { ...candidate('shy', 'works', started), byNameOnly: true };
  expect((await chooseBackend([shy, candidate('b', 'works')])).reason).toBe(
    '@tensorflow/b is installed and works',
  );
  expect(started).toEqual([]);
  expect((await startBackend(shy)).name).toBe('shy');
});

test('a backend says what it computes on, where it can tell', async () => {
  const told = { ...candidate('a', 'works'), start: async () => 'a card' };
  expect((await chooseBackend([told])).device).toBe('a card');
  expect(await startBackend(candidate('b', 'works'))).not.toHaveProperty('device');
});

test('the reason tells a package that is missing from one that is broken', async () => {
  const wasm = candidate('wasm', 'works');
  const choose = async (...before: BackendCandidate[]) =>
    (await chooseBackend([...before, wasm])).reason;
  expect(await choose()).toMatchInlineSnapshot(`"@tensorflow/wasm is installed and works"`);
  expect(await choose(candidate('gpu', 'missing'))).toMatchInlineSnapshot(
    `"@tensorflow/gpu is not installed"`,
  );
  expect(
    await choose(candidate('gpu', 'missing'), candidate('node', 'missing')),
  ).toMatchInlineSnapshot(`"@tensorflow/gpu and @tensorflow/node are not installed"`);
  expect(
    await choose(candidate('gpu', 'missing'), candidate('node', broken)),
  ).toMatchInlineSnapshot(
    `"@tensorflow/gpu is not installed; @tensorflow/node is installed but failed to start (libtensorflow.so.2: cannot open shared object file)"`,
  );
});

test('without a backend that works the error says what is wrong with each', async () => {
  const list = [candidate('gpu', 'missing'), candidate('node', broken)];
  await expect(chooseBackend(list)).rejects.toThrowErrorMatchingInlineSnapshot(
    `[Error: useBackend: no backend works: @tensorflow/gpu is not installed; @tensorflow/node is installed but failed to start (libtensorflow.so.2: cannot open shared object file)]`,
  );
});

test('a backend asked for by name that is not there is an error with the remedy', async () => {
  await expect(
    startBackend(candidate('gpu', 'missing')),
  ).rejects.toThrowErrorMatchingInlineSnapshot(
    `[Error: useBackend: @tensorflow/gpu is not installed; run 'npm install @tensorflow/gpu']`,
  );
  await expect(startBackend(candidate('gpu', broken))).rejects.toThrowErrorMatchingInlineSnapshot(
    `[Error: useBackend: @tensorflow/gpu is installed but failed to start (libtensorflow.so.2: cannot open shared object file); run 'npm install @tensorflow/gpu']`,
  );
});

test('a name that is no backend is a RangeError', async () => {
  await expect(useBackend('webgl' as 'cpu')).rejects.toThrow(
    errorNaming(
      'RangeError',
      'useBackend: name',
      'one of auto, tfjs-node-gpu, tfjs-node, webgpu, wasm, cpu',
      'got webgl',
    ),
  );
});

test('wasm starts from any working directory and computes', async () => {
  const before = process.cwd();
  process.chdir(await mkdtemp(join(tmpdir(), 'spgd-cwd-')));
  try {
    expect(await useBackend('wasm')).toEqual({ name: 'wasm', reason: 'asked for by name' });
    expect(tf.getBackend()).toBe('wasm');
  } finally {
    process.chdir(before);
  }
  expect(await useBackend('wasm')).toEqual({ name: 'wasm', reason: 'asked for by name' });
});

test('the JavaScript backend asked for by name comes without a warning', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  expect((await useBackend('cpu')).name).toBe('cpu');
  expect(tf.getBackend()).toBe('cpu');
  expect(warn.mock.calls.filter(([text]) => String(text).startsWith('spgd'))).toEqual([]);
});

test('a backend that computes wrong numbers is refused', async () => {
  await tf.setBackend('cpu');
  vi.spyOn(tf.backend(), 'read').mockResolvedValue(new Float32Array([35]));
  await expect(checkBackend('cpu')).rejects.toThrowErrorMatchingInlineSnapshot(
    `[Error: a convolution gave 35 where 36 is right]`,
  );
});

test('checking a backend keeps no tensor', async () => {
  const before = tf.memory().numTensors;
  await checkBackend('wasm');
  expect(tf.memory().numTensors).toBe(before);
});
