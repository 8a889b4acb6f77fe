import { type FileHandle, open } from 'node:fs/promises';
import type { ByteSource } from '../models/checkpoint/byte-source';
import { inputError, readFailure } from './input-error';

/** Opens a regular file for reading; what it is for stands at the start of its errors. */
export async function openFile(
  path: string,
  purpose: string,
): Promise<{ file: FileHandle; size: number }> {
  const refuse = (why: string, error?: unknown) =>
    inputError(`${purpose}: cannot read ${path}: ${why}`, error);
  const file = await open(path).catch((error: unknown) => {
    throw refuse(readFailure(error), error);
  });
  const stats = await file.stat();
  if (stats.isFile()) return { file, size: stats.size };
  await file.close();
  throw refuse(stats.isDirectory() ? 'it is a folder' : 'it is not a regular file');
}

/** Fills an array of `length` bytes from `offset` on, or as much of it as the file has. */
export async function readBytes(
  file: FileHandle,
  offset: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(bytes, done, length - done, offset + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return done === length ? bytes : bytes.slice(0, done);
}

/**
 * A file on disk, read by position: what `convertCheckpoint` takes, for a checkpoint of any size.
 *
 * The caller closes it. Throws an error that names the file where it is missing, a folder, or may not
 * be read.
 */
export async function fileSource(path: string): Promise<
  ByteSource & {
    /** Closes the file. */
    close(): Promise<void>;
  }
> {
  const { file, size } = await openFile(path, 'fileSource');
  return {
    name: path,
    size,
    read: (offset, length) => readBytes(file, offset, length),
    close: () => file.close(),
  };
}
