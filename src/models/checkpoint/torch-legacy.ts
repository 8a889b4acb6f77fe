import { fileError } from '../../internal/file-error';
import { quote } from '../../internal/plain-text';
import type { ByteSource } from './byte-source';
import { unpickle } from './pickle';
import { endOfBytes, pickleContext } from './pickle-machine';
import { type PickledStorage, type PickleValue, show } from './pickle-values';
import type { StorageBytes, TorchFile } from './torch';

const MAGIC = 0x1950a86a20f9469cfc6cn;
const PROTOCOL = 1001;
const FIRST_WINDOW = 2 ** 16;
const LARGEST_WINDOW = 2 ** 26;

/**
 * Reads the format of torch.save before PyTorch 1.6: a row of pickles, then the storages one after
 * the other, each behind its number of elements. Only those numbers are read now.
 *
 * Reference: torch/serialization.py, `_legacy_load`.
 */
export async function readTorchLegacy(source: ByteSource): Promise<TorchFile> {
  const pickles = pickleRow(source);
  const magic = await pickles.next();
  if (magic.value !== MAGIC)
    throw fileError(source, 'is no file of torch.save: wrong magic number');
  const protocol = await pickles.next();
  if (protocol.value !== PROTOCOL) {
    throw fileError(source, `protocol version must be ${PROTOCOL}, got ${show(protocol.value)}`);
  }
  checkByteOrder(source, (await pickles.next()).value);
  const root = await pickles.next();
  const keys = await pickles.next();
  const storages = await layOut(source, keys.value, root.storages, keys.end);
  return { format: 'pytorch-legacy', root: root.value, storages };
}

interface Pickle {
  readonly value: PickleValue;
  readonly end: number;
  readonly storages: ReadonlyMap<string, PickledStorage>;
}

function pickleRow(source: ByteSource): { next(): Promise<Pickle> } {
  let at = 0;
  return {
    next: async () => {
      const pickle = await pickleAt(source, at, FIRST_WINDOW);
      at = pickle.end;
      return pickle;
    },
  };
}

// How long a pickle is shows only at its end: where the window was too small, a larger one is read.
async function pickleAt(source: ByteSource, start: number, window: number): Promise<Pickle> {
  const length = Math.min(window, source.size - start);
  const bytes = await source.read(start, length);
  try {
    const context = pickleContext(source);
    const { value, end } = unpickle(bytes, 0, context);
    return { value, end: start + end, storages: context.storages };
  } catch (error) {
    const isAll = length < window || window >= LARGEST_WINDOW;
    if (isAll || !(error instanceof Error && endOfBytes in error)) throw error;
  }
  return pickleAt(source, start, window * 4);
}

function checkByteOrder(source: ByteSource, info: PickleValue): void {
  const little = info instanceof Map ? info.get('little_endian') : undefined;
  if (little !== true) throw fileError(source, 'was written on a big-endian machine');
}

async function layOut(
  source: ByteSource,
  keys: PickleValue,
  storages: ReadonlyMap<string, PickledStorage>,
  start: number,
): Promise<StorageBytes> {
  if (!Array.isArray(keys)) throw fileError(source, 'holds no list of storages');
  const places = new Map<string, { start: number; size: number }>();
  let at = start;
  for (const key of keys) {
    const storage = typeof key === 'string' ? storages.get(key) : undefined;
    if (!storage) throw fileError(source, `storage ${show(key)} belongs to no tensor`);
    if (places.has(storage.key))
      throw fileError(source, `storage ${quote(storage.key)} comes twice`);
    const size = await storageSize(source, storage, at);
    places.set(storage.key, { start: at + 8, size });
    at += 8 + size;
  }
  return {
    size: (key) => places.get(key)?.size,
    read: (key, offset, length) => source.read(places.get(key)!.start + offset, length),
  };
}

async function storageSize(
  source: ByteSource,
  storage: PickledStorage,
  at: number,
): Promise<number> {
  const key = quote(storage.key);
  const bytes = await source.read(at, 8);
  const count = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigInt64(0, true));
  if (count !== storage.length) {
    throw fileError(source, `storage ${key} must hold ${storage.length} elements, got ${count}`);
  }
  const size = count * storage.dtype.bytes;
  if (at + 8 + size <= source.size) return size;
  throw fileError(source, `is cut short: storage ${key} needs ${size} bytes from ${at + 8} on`);
}
