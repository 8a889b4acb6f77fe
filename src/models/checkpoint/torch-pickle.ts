import { fileError } from '../../internal/file-error';
import type { ByteSource } from './byte-source';
import { unpickle } from './pickle';
import { type PickleContext, pickleContext } from './pickle-machine';
import { isStorage, type PickledStorage } from './pickle-values';
import type { TorchFile } from './torch';

const largest = 2 ** 31;
/** Pickles before the storage in a file of torch.save: magic number, protocol, system. */
const before = 3;

/**
 * Reads a plain pickle with tensors in it, such as EDM's `network-snapshot.pkl`: each storage is a small
 * file of torch.save in the pickle. The file is held whole, of at most 2 GiB; nothing in it is run.
 *
 * Reference: torch/storage.py, `_load_from_bytes`.
 */
export async function readTorchPickle(source: ByteSource): Promise<TorchFile> {
  if (source.size > largest)
    throw fileError(source, `must have at most ${largest} bytes as a pickle, got ${source.size}`);
  const inner = new Map<string, Uint8Array>();
  const context: PickleContext = pickleContext(source, (bytes) => {
    const { storage, data } = storageIn(bytes, context);
    const key = `inner-${inner.size}`;
    inner.set(key, data);
    return { ...storage, key };
  });
  const { value } = unpickle(await source.read(0, source.size), 0, context);
  return {
    format: 'pickle',
    root: value,
    storages: {
      size: (key) => inner.get(key)?.length,
      read: async (key, offset, length) => inner.get(key)!.subarray(offset, offset + length),
    },
  };
}

/** The one storage of a file of torch.save in bytes, and its numbers. */
function storageIn(
  bytes: Uint8Array,
  outer: PickleContext,
): { storage: PickledStorage; data: Uint8Array } {
  const refuse = (): never => {
    throw outer.fail('a storage in its pickle is no file of torch.save');
  };
  // Its work counts as that of the outer pickle, and no further pickle may lie in it.
  const context: PickleContext = { ...outer, storages: new Map(), storageIn: refuse };
  let at = 0;
  const next = () => {
    const { value, end } = unpickle(bytes, at, context);
    at = end;
    return value;
  };
  for (let i = 0; i < before; i++) next();
  const storage = next();
  next();
  if (!isStorage(storage)) return refuse();
  const size = storage.length * storage.dtype.bytes;
  if (at + 8 + size !== bytes.length) return refuse();
  return { storage, data: bytes.subarray(at + 8) };
}
