import { realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, sep, win32 } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { inputError, readFailure } from './input-error';
import { groupBytes, parseModelJson, type WeightGroup } from './model-json';
import { readInput } from './open-file';
import { weightBuffers } from './weight-buffers';

const purpose = 'loadModel';
const largestJson = 256 * 2 ** 20;

const readAll = (path: string, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> =>
  readInput(path, { purpose, maxBytes });

/** The file of weights that `name` stands for; refuses what leads out of the folder. */
async function shardPath(folder: string, name: string, json: string): Promise<string> {
  const refuse = (why: string, cause?: unknown) =>
    inputError(`${purpose}: ${json} names the weights file ${JSON.stringify(name)}, ${why}`, cause);
  const leaves = isAbsolute(name) || win32.isAbsolute(name) || name.split(/[\\/]/).includes('..');
  if (leaves || name === '' || name.includes('\0'))
    throw refuse("which must be a path inside the model's folder");
  const path = await realpath(join(folder, name)).catch((error: unknown) => {
    throw refuse(`and cannot read it: ${readFailure(error)}`, error);
  });
  const inside = relative(folder, path);
  if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside))
    throw refuse("which is a link out of the model's folder");
  return path;
}

async function readGroup(group: WeightGroup, folder: string, json: string): Promise<ArrayBuffer[]> {
  const expected = groupBytes(group);
  const shards: ArrayBuffer[] = [];
  let total = 0;
  for (const name of group.paths) {
    const { buffer } = await readAll(await shardPath(folder, name, json), expected - total);
    total += buffer.byteLength;
    shards.push(buffer);
  }
  if (total < expected) {
    const files = group.paths.join(', ') || 'no file';
    const sizes = `${expected} bytes, got ${total}; copy the files of weights again`;
    throw inputError(`${purpose}: the weights of ${json} (${files}) must hold ${sizes}`);
  }
  return shards;
}

/** Reads `model.json` and the weights beside it, with each size checked against the manifest. */
export async function loadModel(path: string): Promise<tf.io.ModelArtifacts> {
  const bytes = await readAll(path, largestJson);
  const json = parseModelJson(new TextDecoder().decode(bytes), path);
  const folder = await realpath(dirname(path));
  return tf.io.getModelArtifactsForJSON(json, async (manifest) => {
    const shards: ArrayBuffer[] = [];
    for (const group of manifest) shards.push(...(await readGroup(group, folder, path)));
    return [tf.io.getWeightSpecs(manifest), weightBuffers(shards)];
  });
}
