import { type Reader, unzipRaw, type ZipEntry } from 'unzipit';
import { becauseOf, fileError, saveStateDict } from '../../internal/file-error';
import { quote } from '../../internal/plain-text';
import type { ByteSource } from './byte-source';
import { unpickle } from './pickle';
import { pickleContext } from './pickle-machine';
import type { StorageBytes, TorchFile } from './torch';

const LONGEST_PICKLE = 2 ** 26;
const LARGEST_READ = 2 ** 26; // of a directory or a pickle: numbers are read apart
const FREELY_INFLATED = 2 ** 24;
const STRONGEST_RATIO = 100;

/**
 * Reads the zip archive of torch.save (PyTorch 1.6 and later): the pickle now, each tensor's own
 * part of its storage when it is read.
 *
 * Reference: torch/serialization.py, `_load`.
 */
export async function readTorchZip(source: ByteSource): Promise<TorchFile> {
  const zip = zipReader(source);
  const entries = await entriesOf(source, zip.reader);
  const root = rootOf(source, entries);
  await checkByteOrder(source, zip, entries.get(`${root}byteorder`));
  const pickle = entries.get(`${root}data.pkl`)!;
  if (pickle.size > LONGEST_PICKLE) {
    throw fileError(source, `data.pkl must be <= ${LONGEST_PICKLE} bytes, got ${pickle.size}`);
  }
  const bytes = await zip.read(pickle, 0, pickle.size);
  const { value } = unpickle(bytes, 0, pickleContext(source));
  return { format: 'pytorch-zip', root: value, storages: storagesOf(root, zip, entries) };
}

interface ZipBytes {
  readonly reader: Reader;
  read(entry: ZipEntry, offset: number, length: number): Promise<Uint8Array>;
}

// unzipit asks its reader for a stored entry as a slice. The slice given back is empty and only
// remembers where it lies, so that a tensor reads its own part of a large storage.
function zipReader(source: ByteSource): ZipBytes {
  const slices = new WeakMap<Blob, number>();
  const reader: Reader = {
    getLength: async () => source.size,
    read: async (offset, length) => {
      if (length > LARGEST_READ) throw fileError(source, `its zip directory has ${length} bytes`);
      return (await source.read(offset, length)) as Uint8Array<ArrayBuffer>;
    },
    sliceAsBlob: async (offset) => {
      const slice = new Blob();
      slices.set(slice, offset);
      return slice;
    },
  };
  // Inflated once, however many tensors view it: a stored entry costs nothing to open.
  const blobs = new Map<ZipEntry, Promise<Blob>>();
  const read = async (entry: ZipEntry, offset: number, length: number) => {
    if (!blobs.has(entry)) blobs.set(entry, opened(source, entry));
    const blob = await blobs.get(entry)!;
    const start = slices.get(blob);
    if (start !== undefined) return source.read(start + offset, length);
    return new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer());
  };
  return { reader, read };
}

async function opened(source: ByteSource, entry: ZipEntry): Promise<Blob> {
  if (entry.encrypted) throw fileError(source, 'is an encrypted zip archive; decrypt it first');
  if (entry.size > Math.max(FREELY_INFLATED, STRONGEST_RATIO * entry.compressedSize)) {
    const sizes = `${entry.compressedSize} bytes to ${entry.size}`;
    throw fileError(source, `refuses to inflate ${quote(entry.name)} from ${sizes}`);
  }
  return entry.blob().catch((error) => {
    throw becauseOf(source, `${quote(entry.name)} of the zip archive is damaged`, error);
  });
}

async function entriesOf(source: ByteSource, reader: Reader): Promise<Map<string, ZipEntry>> {
  const { entries } = await unzipRaw(reader).catch((error) => {
    throw becauseOf(source, 'is a zip archive that is cut short or damaged', error);
  });
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  if (byName.size === entries.length) return byName;
  throw fileError(source, 'its zip archive holds two entries of the same name');
}

function rootOf(source: ByteSource, entries: ReadonlyMap<string, ZipEntry>): string {
  const names = [...entries.keys()];
  if (names.some((name) => /^[^/]+\/(code\/|constants\.pkl$)/.test(name))) {
    throw fileError(source, `is a TorchScript archive; ${saveStateDict}`);
  }
  const roots = names.filter((name) => name.endsWith('/data.pkl'));
  if (roots.length === 1) return roots[0].slice(0, -'data.pkl'.length);
  throw fileError(
    source,
    `is a zip archive with ${roots.length} data.pkl; torch.save writes exactly one`,
  );
}

async function checkByteOrder(source: ByteSource, zip: ZipBytes, entry?: ZipEntry): Promise<void> {
  if (!entry) return;
  const order = new TextDecoder().decode(await zip.read(entry, 0, Math.min(entry.size, 16)));
  if (order !== 'little') {
    throw fileError(source, `byte order must be "little", got ${quote(order)}`);
  }
}

function storagesOf(
  root: string,
  zip: ZipBytes,
  entries: ReadonlyMap<string, ZipEntry>,
): StorageBytes {
  const entryOf = (key: string) => entries.get(`${root}data/${key}`);
  return {
    size: (key) => entryOf(key)?.size,
    isDeflated: (key) => entryOf(key)!.compressionMethod !== 0,
    read: (key, offset, length) => zip.read(entryOf(key)!, offset, length),
  };
}
