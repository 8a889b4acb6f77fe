import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { checkType } from '../internal/check';
import { errorCode, inputError, writeFailure } from './input-error';
import { groupBytes } from './model-json';
import { weightBuffers } from './weight-buffers';

const shardBytes = 64 * 2 ** 20;
const modelJson = 'model.json';
const isShard = (name: string): boolean => /^group\d+-shard\d+of\d+(\.bin)?$/.test(name);

/**
 * Throws what saving a model there would throw before any work: for a folder that holds anything but
 * a model. Gives the names of the old files, or undefined where there is no folder yet.
 */
export async function checkModelFolder(folder: string): Promise<string[] | undefined> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined;
    if (errorCode(error) === 'ENOTDIR')
      throw inputError(`saveModel: ${folder} must be a folder, got a file`, error);
    throw error;
  });
  if (!names?.length) return names;
  const other = names.find((name) => name !== modelJson && !isShard(name));
  if (names.includes(modelJson) && other === undefined) return names;
  throw inputError(
    `saveModel: ${folder} must be new, empty, or hold a model and nothing else, ` +
      `got ${other ?? 'weights without a model.json'} in it; name another folder`,
  );
}

function weightsOf({ weightData, weightSpecs = [] }: tf.io.ModelArtifacts) {
  const data = new tf.io.CompositeArrayBuffer(weightBuffers(weightData));
  const needed = groupBytes({ paths: [], weights: weightSpecs });
  const got = data.byteLength ?? 0;
  if (got < needed || got > needed)
    throw new RangeError(
      `saveModel: weightData must hold ${needed} bytes, as weightSpecs say, got ${got}`,
    );
  return { data, length: got, weightSpecs };
}

/** Writes the weights in pieces of 64 MB, then `model.json`. */
async function writeFiles(folder: string, artifacts: tf.io.ModelArtifacts): Promise<void> {
  const { data, length, weightSpecs } = weightsOf(artifacts);
  const count = Math.ceil(length / shardBytes);
  const paths = Array.from({ length: count }, (_, i) => `group1-shard${i + 1}of${count}.bin`);
  for (const [i, path] of paths.entries()) {
    const piece = data.slice(i * shardBytes, (i + 1) * shardBytes);
    await writeFile(join(folder, path), new Uint8Array(piece));
  }
  const { weightData: _, weightSpecs: __, getWeightStream: ___, ...rest } = artifacts;
  const json = { ...rest, weightsManifest: [{ paths, weights: weightSpecs }] };
  await writeFile(join(folder, modelJson), `${JSON.stringify(json, null, 2)}\n`);
}

/** Puts the new files in the place of the old; without its `model.json` a folder is no model. */
async function replaceFiles(staging: string, folder: string, old: readonly string[]) {
  await rm(join(folder, modelJson), { force: true });
  for (const name of old) await rm(join(folder, name), { force: true });
  const names = (await readdir(staging)).filter((name) => name !== modelJson);
  for (const name of [...names, modelJson]) await rename(join(staging, name), join(folder, name));
  await rm(staging, { recursive: true });
}

/** Runs `work` on a new folder, which is gone afterwards unless `work` moved it, even on Ctrl-C. */
async function withStaging(staging: string, work: () => Promise<void>): Promise<void> {
  const first = await mkdir(staging, { recursive: true });
  const remove = () => rmSync(first ?? staging, { recursive: true, force: true });
  process.once('exit', remove);
  try {
    await work();
  } catch (error) {
    remove();
    throw error;
  } finally {
    process.off('exit', remove);
  }
}

/**
 * Writes `model.json` and the weights into `folder`, all or nothing: they are written beside it and
 * then moved. An old model there is replaced; a folder with anything else in it is refused.
 */
export async function saveModel(
  folder: string,
  artifacts: tf.io.ModelArtifacts,
): Promise<tf.io.SaveResult> {
  const { modelTopology } = artifacts;
  const isJson = typeof modelTopology === 'object' && !(modelTopology instanceof ArrayBuffer);
  checkType(isJson, 'saveModel', 'modelTopology', 'a JSON object', typeof modelTopology);
  const old = await checkModelFolder(folder);
  const name = `.saving-${randomUUID()}`;
  const staging = old ? join(folder, name) : join(dirname(folder), `${basename(folder)}${name}`);
  await withStaging(staging, async () => {
    await writeFiles(staging, artifacts);
    await (old ? replaceFiles(staging, folder, old) : rename(staging, folder));
  }).catch((error: unknown) => {
    if (errorCode(error) === undefined) throw error;
    const why = writeFailure(error);
    throw new Error(`saveModel: cannot write ${folder}: ${why}`, { cause: error });
  });
  return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
}
