import type { ByteSource } from '../models/checkpoint/byte-source';
import { openFile, readBytes } from './open-file';

/**
 * A file on disk, read by position: what `convertCheckpoint` takes, for a checkpoint of any size.
 *
 * The caller closes it. Throws an error that names the file where it is missing, is no regular file,
 * or may not be read.
 */
export async function fileSource(path: string): Promise<
  ByteSource & {
    /** Closes the file. */
    close(): Promise<void>;
  }
> {
  const { file, size } = await openFile(path, { purpose: 'fileSource' });
  return {
    name: path,
    size,
    read: (offset, length) => readBytes(file, offset, length),
    close: () => file.close(),
  };
}
