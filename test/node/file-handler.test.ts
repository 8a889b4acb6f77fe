import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import { fileHandler, fileSource, useBackend } from 'spgd/node';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { errorNaming, naming } from '../support/error-naming';

let root: string;
/** The message of what is thrown, with the folder of this test cut out. */
const messageOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'nothing was thrown',
    (error: Error) => `${error.name}: ${error.message.replaceAll(root, '<root>')}`,
  );

const artifacts = (bytes = 12): tf.io.ModelArtifacts => ({
  modelTopology: { node: [] },
  format: 'graph-model',
  userDefinedMetadata: { spgd: { size: [64, 64] } },
  weightSpecs: [{ name: 'w', shape: [bytes / 4], dtype: 'float32' }],
  weightData: Float32Array.from({ length: bytes / 4 }, (_, i) => i % 1000).buffer,
});

const manifest = (paths: unknown, shape: unknown = [3], dtype = 'float32') => ({
  modelTopology: {},
  weightsManifest: [{ paths, weights: [{ name: 'w', shape, dtype }] }],
});

const quantized = (quantization: unknown) => ({
  modelTopology: {},
  weightsManifest: [
    { paths: ['w.bin'], weights: [{ name: 'w', shape: [3], dtype: 'float32', quantization }] },
  ],
});

async function modelFolder(json: unknown): Promise<string> {
  const folder = await mkdtemp(join(root, 'model-'));
  await writeFile(
    join(folder, 'model.json'),
    typeof json === 'string' ? json : JSON.stringify(json),
  );
  await writeFile(join(folder, 'w.bin'), new Uint8Array(12));
  return folder;
}

const load = (folder: string) => messageOf(fileHandler(`file://${folder}/model.json`).load());

beforeAll(async () => {
  await useBackend('cpu');
});

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'spgd-files-'));
});

describe('saving', () => {
  test('gives the same model when loaded again', async () => {
    const handler = fileHandler(`file://${root}/deep/new/model`);
    const { modelArtifactsInfo } = await handler.save(artifacts());
    expect(modelArtifactsInfo.weightDataBytes).toBe(12);
    const { weightData, ...loaded } = await fileHandler(
      `file://${root}/deep/new/model/model.json`,
    ).load();
    const { weightData: saved, ...rest } = artifacts();
    expect(loaded).toEqual(rest);
    expect(weightData).toEqual([saved]);
    expect((await readdir(join(root, 'deep', 'new'))).sort()).toEqual(['model']);
  });

  test('cuts the weights into pieces of 64 MB and takes them in pieces', async () => {
    const size = 64 * 2 ** 20;
    const whole = artifacts(size + 4);
    const buffer = whole.weightData as ArrayBuffer;
    whole.weightData = [buffer.slice(0, 1000), buffer.slice(1000)];
    await fileHandler(`file://${root}/m`).save(whole);
    expect((await readdir(join(root, 'm'))).sort()).toEqual([
      'group1-shard1of2.bin',
      'group1-shard2of2.bin',
      'model.json',
    ]);
    const { weightData } = await fileHandler(`file://${root}/m/model.json`).load();
    const [first, second] = (weightData as ArrayBuffer[]).map((one) => new Uint8Array(one));
    expect([first!.length, second!.length]).toEqual([size, 4]);
    const expected = new Uint8Array(buffer);
    expect(Buffer.compare(first!, expected.subarray(0, size))).toBe(0);
    expect(Buffer.compare(second!, expected.subarray(size))).toBe(0);
  });

  test('replaces an old model, its surplus weights included', async () => {
    const folder = join(root, 'm');
    await fileHandler(`file://${folder}`).save(artifacts());
    await writeFile(join(folder, 'group1-shard2of2.bin'), 'old');
    await fileHandler(`file://${folder}/model.json`).save(artifacts(8));
    expect((await readdir(folder)).sort()).toEqual(['group1-shard1of1.bin', 'model.json']);
    const { weightData } = await fileHandler(`file://${folder}/model.json`).load();
    expect(weightData).toEqual([artifacts(8).weightData]);
  });

  test('writes into a folder that is there and empty', async () => {
    await fileHandler(`file://${root}`).save(artifacts());
    expect((await readdir(root)).sort()).toEqual(['group1-shard1of1.bin', 'model.json']);
  });

  test('refuses a folder with anything but a model in it, and leaves it alone', async () => {
    await writeFile(join(root, 'notes.txt'), 'mine');
    expect(await messageOf(fileHandler(`file://${root}`).save(artifacts()))).toMatch(
      naming(
        'InputError: saveModel: <root>',
        'new, empty, or hold a model and nothing else',
        'got notes.txt in it; name another folder',
      ),
    );
    await writeFile(join(root, 'model.json'), '{}');
    expect(await messageOf(fileHandler(`file://${root}`).save(artifacts()))).toMatch(/notes\.txt/);
    expect((await readdir(root)).sort()).toEqual(['model.json', 'notes.txt']);
    const file = join(root, 'notes.txt');
    expect(await messageOf(fileHandler(`file://${file}`).save(artifacts()))).toMatch(
      naming('InputError: saveModel: <root>/notes.txt', 'a folder', 'got a file'),
    );
  });

  test('leaves nothing behind when it fails half-way', async () => {
    const bad = { ...artifacts(), userDefinedMetadata: { size: 1n as unknown as object } };
    await expect(fileHandler(`file://${root}/new/m`).save(bad)).rejects.toThrow(/BigInt/);
    expect(await readdir(root)).toEqual([]);
  });

  test('keeps the old model when it fails half-way', async () => {
    const folder = join(root, 'm');
    await fileHandler(`file://${folder}`).save(artifacts());
    const before = await readFile(join(folder, 'model.json'), 'utf8');
    const bad = { ...artifacts(8), userDefinedMetadata: { size: 1n as unknown as object } };
    await expect(fileHandler(`file://${folder}`).save(bad)).rejects.toThrow(/BigInt/);
    expect((await readdir(folder)).sort()).toEqual(['group1-shard1of1.bin', 'model.json']);
    expect(await readFile(join(folder, 'model.json'), 'utf8')).toBe(before);
  });

  test('refuses weights of another size than their specs say', async () => {
    const wrong = { ...artifacts(), weightData: new ArrayBuffer(8) };
    expect(await messageOf(fileHandler(`file://${root}/m`).save(wrong))).toMatch(
      naming('RangeError: saveModel: weightData', '12 bytes, as weightSpecs say', 'got 8'),
    );
    expect(existsSync(join(root, 'm'))).toBe(false);
  });

  test('is what TensorFlow.js does for file://', async () => {
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3] })] });
    await model.save(`file://${root}/keras`);
    const loaded = await tf.loadLayersModel(`file://${root}/keras/model.json`);
    const x = tf.ones([1, 3]);
    const [expected, got] = [model.predict(x), loaded.predict(x)] as tf.Tensor[];
    expect(await got!.data()).toEqual(await expected!.data());
  });
});

describe('loading', () => {
  test('gives TensorFlow.js every weight of groups that grow', async () => {
    const group = (path: string, name: string, shape: number[]) => ({
      paths: [path],
      weights: [{ name, shape, dtype: 'float32' }],
    });
    const weightsManifest = [group('w.bin', 'w', [3]), group('v.bin', 'v', [5])];
    const folder = await modelFolder({ modelTopology: {}, weightsManifest });
    await writeFile(join(folder, 'v.bin'), new Uint8Array(Float32Array.of(1, 2, 3, 4, 5).buffer));
    const loaded = await fileHandler(`file://${folder}/model.json`).load();
    const { v } = tf.io.decodeWeights(loaded.weightData!, loaded.weightSpecs!);
    expect([...(await v!.data())]).toEqual([1, 2, 3, 4, 5]);
  });

  test('decodes a URL, and takes a name as it stands', async () => {
    const folder = join(root, 'a b%41');
    await fileHandler(`file://${folder}`).save(artifacts());
    for (const url of [
      `file://${folder}/model.json`,
      pathToFileURL(join(folder, 'model.json')).href,
    ])
      expect((await fileHandler(url).load()).format).toBe('graph-model');
  });

  test('names the file and what is wrong with it', async () => {
    expect(await load(join(root, 'nowhere'))).toMatchInlineSnapshot(
      `"InputError: loadModel: cannot read <root>/nowhere/model.json: there is no such file"`,
    );
    await mkdir(join(root, 'folder', 'model.json'), { recursive: true });
    expect(await load(join(root, 'folder'))).toMatchInlineSnapshot(
      `"InputError: loadModel: cannot read <root>/folder/model.json: it is a folder"`,
    );
    const wrong: [string, unknown][] = [
      ['not JSON', '{'],
      ['a list', '[]'],
      ['no manifest', { modelTopology: {} }],
      ['paths that are no strings', manifest([1])],
      ['a negative size', manifest(['w.bin'], [-3])],
      ['a dtype that is none', manifest(['w.bin'], [3], 'constructor')],
      ['a dtype without a size', manifest(['w.bin'], [3], 'string')],
      ['brackets without end', '['.repeat(65)],
      ['escape codes', manifest(['w.bin'], '\u001b[2J\u202e'.repeat(99))],
      ['a scale that is none', quantized({ dtype: 'uint8', scale: '1', min: 0 })],
      ['too few bytes', manifest(['w.bin'], [4])],
      ['too many bytes', manifest(['w.bin'], [2])],
      ['a file that is not there', manifest(['v.bin'])],
    ];
    const messages = [];
    for (const [what, json] of wrong) {
      const message = await load(await modelFolder(json));
      messages.push(`${what} | ${message.replace(/model-\w+/, 'model')}`);
    }
    expect(messages.join('\n')).toMatchInlineSnapshot(`
      "not JSON | InputError: loadModel: <root>/model/model.json is not JSON
      a list | InputError: loadModel: <root>/model/model.json is not the model.json of a TensorFlow.js model: it has no modelTopology
      no manifest | InputError: loadModel: <root>/model/model.json has no weightsManifest of { paths, weights }
      paths that are no strings | InputError: loadModel: <root>/model/model.json has no weightsManifest of { paths, weights }
      a negative size | InputError: loadModel: <root>/model/model.json has a weight without a valid name, shape and dtype: {"name":"w","shape":[-3],"dtype":"float32"}
      a dtype that is none | InputError: loadModel: <root>/model/model.json has a weight without a valid name, shape and dtype: {"name":"w","shape":[3],"dtype":"constructor"}
      a dtype without a size | InputError: loadModel: <root>/model/model.json has a weight without a valid name, shape and dtype: {"name":"w","shape":[3],"dtype":"string"}
      brackets without end | InputError: loadModel: <root>/model/model.json must be at most 64 levels deep
      escape codes | InputError: loadModel: <root>/model/model.json has a weight without a valid name, shape and dtype: {"name":"w","shape":"\\u001b[2J\\u202e\\u001b[2J\\u202e\\u001b[2J\\u202e\\u001b[2J\\u202e\\u001b[2J\\u202e\\u001b[2J\\u202e\\u001b[2J\\u202e\\u001b[2J\\u202e\\u001b…
      a scale that is none | InputError: loadModel: <root>/model/model.json has a weight without a valid name, shape and dtype: {"name":"w","shape":[3],"dtype":"float32","quantization":{"dtype":"uint8","scale":"1","min":0}}
      too few bytes | InputError: loadModel: the weights of <root>/model/model.json (w.bin) must hold 16 bytes, got 12; copy the files of weights again
      too many bytes | InputError: loadModel: <root>/model/w.bin must hold at most 8 bytes, got 12
      a file that is not there | InputError: loadModel: <root>/model/model.json names the weights file "v.bin", and cannot read it: there is no such file"
    `);
  });

  test('never leaves the folder of the model', async () => {
    await writeFile(join(root, 'secret.bin'), new Uint8Array(12));
    const names = [
      '../secret.bin',
      'x/../../secret.bin',
      join(root, 'secret.bin'),
      '..\\secret.bin',
    ];
    names.push('C:\\secret.bin', '\\\\host\\share', '', 'w.bin\0', '..');
    for (const name of names)
      expect(await load(await modelFolder(manifest([name])))).toMatch(
        /^InputError: .*which must be a path inside the model's folder$/,
      );
  });

  test('follows a link inside the folder, and none that leads out of it', async () => {
    await writeFile(join(root, 'secret.bin'), new Uint8Array(12));
    const folder = await modelFolder(manifest(['link.bin']));
    await symlink(join(root, 'secret.bin'), join(folder, 'link.bin'));
    expect(await load(folder)).toMatch(/which is a link out of the model's folder$/);
    const linked = await modelFolder(manifest(['sub/w.bin']));
    await symlink(root, join(linked, 'sub'));
    await writeFile(join(root, 'w.bin'), new Uint8Array(12));
    expect(await load(linked)).toMatch(/which is a link out of the model's folder$/);
    const inside = await modelFolder(manifest(['link.bin']));
    await symlink('w.bin', join(inside, 'link.bin'));
    expect(await load(inside)).toBe('nothing was thrown');
  });

  test('refuses a model.json of more than 256 MB', async () => {
    const folder = await modelFolder('');
    await truncate(join(folder, 'model.json'), 256 * 2 ** 20 + 1);
    expect(await load(folder)).toMatch(/must hold at most 268435456 bytes, got 268435457$/);
  });

  test('takes nothing but file://', () => {
    expect(() => fileHandler('https://x/model.json')).toThrow(
      errorNaming(
        'TypeError',
        'fileHandler: url',
        "a string that begins with 'file://'",
        'got https://x/model.json',
      ),
    );
  });
});

describe('fileSource', () => {
  test('reads by position, and no further than the end', async () => {
    const path = join(root, 'data.pt');
    await writeFile(path, Uint8Array.from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
    const source = await fileSource(path);
    expect([source.name, source.size]).toEqual([path, 10]);
    expect([...(await source.read(3, 4))]).toEqual([3, 4, 5, 6]);
    expect([...(await source.read(8, 4))]).toEqual([8, 9]);
    await source.close();
  });

  test('names what it cannot read', async () => {
    expect(await messageOf(fileSource(join(root, 'x.pt')))).toMatchInlineSnapshot(
      `"InputError: fileSource: cannot read <root>/x.pt: there is no such file"`,
    );
    expect(await messageOf(fileSource(root))).toMatchInlineSnapshot(
      `"InputError: fileSource: cannot read <root>: it is a folder"`,
    );
  });
});
