import { constants, type Stats } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { inputError, readFailure } from './input-error';

/** What a path leads to that is not a regular file. */
function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'it is a folder';
  if (stats.isFIFO()) return 'it is a FIFO, not a regular file';
  if (stats.isSocket()) return 'it is a socket, not a regular file';
  return 'it is a device, not a regular file';
}

/** How a file is opened. */
export interface OpenFileOptions {
  /** What the file is for, at the start of errors. */
  readonly purpose: string;
  /**
   * Largest size in bytes.
   * @default no limit
   */
  readonly maxBytes?: number;
}

/**
 * Opens a regular file for reading; links are followed. Throws an error of one line that names the file
 * for a folder, a FIFO, a socket or a device, all without waiting for content, and for a file that is
 * missing, may not be read, or is larger than `maxBytes`.
 */
export async function openFile(
  path: string,
  { purpose, maxBytes = Number.POSITIVE_INFINITY }: OpenFileOptions,
): Promise<{ file: FileHandle; size: number }> {
  const refuse = (why: string, error?: unknown) =>
    inputError(`${purpose}: cannot read ${path}: ${why}`, error);
  const check = (stats: Stats): void => {
    if (!stats.isFile()) throw refuse(kindOf(stats));
    if (stats.size > maxBytes)
      throw inputError(
        `${purpose}: ${path} must hold at most ${maxBytes} bytes, got ${stats.size}`,
      );
  };
  const failed = (error: unknown): never => {
    throw refuse(readFailure(error), error);
  };
  check(await stat(path).catch(failed));
  // The file may be replaced in between: to open a FIFO must not wait either. Windows lacks the flag.
  const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
  const file = await open(path, flags).catch(failed);
  try {
    const stats = await file.stat();
    check(stats);
    return { file, size: stats.size };
  } catch (error) {
    await file.close();
    throw error;
  }
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

/** Reads a regular file whole, as `openFile` opens it: what every input of the command goes through. */
export async function readInput(
  path: string,
  options: OpenFileOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const { file, size } = await openFile(path, options);
  try {
    return await readBytes(file, 0, size);
  } finally {
    await file.close();
  }
}
