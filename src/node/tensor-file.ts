import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import writeFileAtomic from 'write-file-atomic';
import { checkType } from '../internal/check';
import { byteSource } from '../models/checkpoint/byte-source';
import {
  readSafetensors,
  type WritableTensor,
  writeSafetensors,
} from '../models/checkpoint/safetensors';
import { writeFailure } from './input-error';
import { readInput } from './open-file';

/**
 * Writes float32 tensors by name into a safetensors file, with `metadata` as its `__metadata__`.
 *
 * The file appears whole or not at all. The tensors stay the caller's. Throws `TypeError` for another
 * dtype, and an error that names the file where the disk refuses.
 */
export async function writeTensors(
  path: string,
  tensors: Readonly<Record<string, Tensor>>,
  metadata?: Readonly<Record<string, string>>,
): Promise<void> {
  const written: [string, WritableTensor][] = [];
  for (const [name, tensor] of Object.entries(tensors)) {
    checkType(tensor.dtype === 'float32', 'writeTensors', name, 'of float32', tensor.dtype);
    written.push([name, { shape: tensor.shape, data: (await tensor.data()) as Float32Array }]);
  }
  const bytes = writeSafetensors(Object.fromEntries(written), metadata);
  await writeFileAtomic(path, Buffer.from(bytes.buffer)).catch((error: unknown) => {
    throw new Error(`writeTensors: cannot write ${path}: ${writeFailure(error)}`, { cause: error });
  });
}

/**
 * Reads the tensors of a safetensors file by name, as float32; the caller disposes them.
 *
 * Throws an error that names the file where it is missing or damaged.
 */
export async function readTensors(path: string): Promise<Record<string, Tensor>> {
  const bytes = await readInput(path, { purpose: 'readTensors' });
  const { tensors } = await readSafetensors(byteSource(bytes, path));
  const read: [string, Tensor][] = [];
  for (const { name, shape, read: numbers } of tensors.values())
    read.push([name, tf.tensor(await numbers(), [...shape], 'float32')]);
  return Object.fromEntries(read);
}
