import { fileError } from '../../internal/file-error';

/** Bytes read by position, so that a file of 2 GB is never held whole. */
export interface ByteSource {
  /** What errors call it: a path or a URL. */
  readonly name: string;
  /** The number of bytes. */
  readonly size: number;
  /** The bytes from `offset` on. The caller does not write to them. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** What a checkpoint is read from; in Node, `openAsBlob(path)` gives a Blob that stays on disk. */
export type ByteInput = Blob | ArrayBuffer | Uint8Array | ByteSource;

/**
 * Reads by position from a Blob or File, from bytes in memory, or from a custom source.
 * Every read is checked: outside the file, or short, it is an Error that names the file.
 */
export function byteSource(input: ByteInput, name = nameOf(input)): ByteSource {
  const { size, read } = raw(input);
  const source = { name, size };
  if (!Number.isSafeInteger(size) || size < 0) {
    throw new RangeError(`${name}: size must be an integer >= 0, got ${size}`);
  }
  const checkedRead = async (offset: number, length: number): Promise<Uint8Array> => {
    if (!(offset >= 0 && length >= 0 && offset + length <= size)) {
      throw fileError(source, `is cut short: ${length} bytes from ${offset} on, of ${size}`);
    }
    const bytes = await read(offset, length);
    if (bytes.length === length) return bytes;
    throw fileError(source, `gave ${bytes.length} bytes from ${offset} on, not ${length}`);
  };
  return { ...source, read: checkedRead };
}

function nameOf(input: ByteInput): string {
  const name = input instanceof Object && 'name' in input ? input.name : undefined;
  return typeof name === 'string' && name !== '' ? name : 'checkpoint';
}

function raw(input: ByteInput): Pick<ByteSource, 'size' | 'read'> {
  if (input instanceof Blob) return { size: input.size, read: readBlob(input) };
  if (input instanceof Uint8Array) return { size: input.length, read: readArray(input) };
  if (input instanceof ArrayBuffer) return raw(new Uint8Array(input));
  if (typeof input?.read === 'function') {
    return { size: input.size, read: (offset, length) => input.read(offset, length) };
  }
  throw new TypeError(
    `byteSource: input must be a Blob, an ArrayBuffer, a Uint8Array or a ByteSource, got ${typeof input}`,
  );
}

const readBlob = (blob: Blob) => async (offset: number, length: number) =>
  new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer());

const readArray = (bytes: Uint8Array) => async (offset: number, length: number) =>
  bytes.subarray(offset, offset + length);
