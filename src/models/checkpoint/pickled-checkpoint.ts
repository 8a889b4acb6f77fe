import type { ByteSource } from './byte-source';
import type { Checkpoint, CheckpointTensor } from './checkpoint';
import { fileError, quote } from './file-error';
import type { PickledTensor, PickleValue } from './pickle-value';
import { stateDictIn } from './state-dict';
import { elements, isContiguous, span, toRowMajor } from './strides';

// An expanded tensor may have more elements than its storage; this many, and no file can ask for
// memory without end.
const MOST_REPEATED = 2 ** 24;

/** The raw bytes of the storages of a file. */
export interface StorageBytes {
  /** The number of bytes of a storage; undefined where the file lacks it. */
  size(key: string): number | undefined;
  read(key: string, offset: number, length: number): Promise<Uint8Array>;
}

/** The checkpoint in an unpickled file; every tensor is checked against its storage first. */
export function pickledCheckpoint(
  format: Checkpoint['format'],
  source: ByteSource,
  root: PickleValue,
  storages: StorageBytes,
): Checkpoint {
  const tensors = new Map<string, CheckpointTensor>();
  for (const [name, tensor] of stateDictIn(source, root)) {
    checkTensor(source, name, tensor, storages);
    tensors.set(name, tensorOf(name, tensor, storages));
  }
  return { format, metadata: {}, tensors };
}

function checkTensor(
  source: ByteSource,
  name: string,
  { shape, strides, offset, storage }: PickledTensor,
  storages: StorageBytes,
): void {
  const fail = (rule: string) => fileError(source, `tensor ${quote(name)}: ${rule}`);
  const key = quote(storage.key);
  const size = storages.size(storage.key);
  const declared = storage.length * storage.dtype.bytes;
  if (size === undefined) throw fail(`its storage ${key} is missing`);
  if (size !== declared) throw fail(`storage ${key} must be ${declared} bytes, got ${size}`);
  const count = elements(shape);
  const end = count === 0 ? 0 : offset + span(shape, strides);
  if (!(end <= storage.length)) {
    throw fail(`needs ${end} elements of storage ${key}, which holds ${storage.length}`);
  }
  if (!(count <= Math.max(storage.length, MOST_REPEATED))) {
    throw fail(`repeats ${storage.length} elements to ${count}, more than ${MOST_REPEATED}`);
  }
}

function tensorOf(name: string, tensor: PickledTensor, storages: StorageBytes): CheckpointTensor {
  const { shape, strides, offset, storage } = tensor;
  const { bytes, decode } = storage.dtype;
  const read = async (): Promise<Float32Array> => {
    const length = span(shape, strides);
    if (length === 0) return new Float32Array(0);
    const values = decode(await storages.read(storage.key, offset * bytes, length * bytes));
    return isContiguous(shape, strides) ? values : toRowMajor(values, shape, strides);
  };
  return { name, shape, dtype: storage.dtype.name, read };
}
