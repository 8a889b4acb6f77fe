import { fileError } from '../../internal/file-error';
import type { ByteSource } from '../checkpoint/byte-source';
import type { HubCache } from './hub-cache';

/** One file of the hub. */
export interface HubFile {
  /** What errors call it. */
  readonly name: string;
  /** Its path on the hub, from the root on. */
  readonly path: string;
  /** Where the cache keeps its pieces. */
  readonly key: string;
  readonly size: number;
}

const pieceBytes = 8 * 2 ** 20;
const pointer = 'version https://git-lfs';

/** How many pieces a file has. */
export const pieceCount = ({ size }: HubFile): number => Math.ceil(size / pieceBytes);

/** The number of bytes of a piece: the last may be shorter. */
export const pieceSize = ({ size }: HubFile, piece: number): number =>
  Math.max(0, Math.min(pieceBytes, size - piece * pieceBytes));

/** Cuts what arrives into pieces, and stores each once it is whole. */
interface PieceWriter {
  take(bytes: Uint8Array): Promise<void>;
  /** How many bytes of the file are there. */
  done(): number;
}

/** Stores pieces from `first` on, of bytes that begin `skip` bytes before it. */
export function pieceWriter(
  file: HubFile,
  { cache, first, skip }: { cache: HubCache; first: number; skip: number },
): PieceWriter {
  let [piece, filled, left] = [first, 0, skip];
  let bytes = new Uint8Array(pieceSize(file, piece));
  const store = async (): Promise<void> => {
    const start = new TextDecoder('latin1').decode(bytes.subarray(0, pointer.length));
    if (piece === 0 && start === pointer)
      throw fileError(file, 'is a pointer of Git LFS, not the file itself');
    await cache.write(`${file.key}/${piece}`, bytes);
    [piece, filled] = [piece + 1, 0];
    bytes = new Uint8Array(pieceSize(file, piece));
  };
  return {
    async take(all) {
      let rest = all.subarray(left);
      left -= all.length - rest.length;
      while (rest.length > 0) {
        if (bytes.length === 0) throw fileError(file, `must have ${file.size} bytes, got more`);
        const taken = rest.subarray(0, bytes.length - filled);
        bytes.set(taken, filled);
        filled += taken.length;
        rest = rest.subarray(taken.length);
        if (filled === bytes.length) await store();
      }
    },
    done: () => Math.min(file.size, piece * pieceBytes + filled),
  };
}

/** A file whose pieces are all stored, read by position. */
export function piecesSource(file: HubFile, cache: HubCache): ByteSource {
  const read = async (offset: number, length: number): Promise<Uint8Array> => {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const piece = Math.floor((offset + done) / pieceBytes);
      const within = offset + done - piece * pieceBytes;
      const wanted = Math.min(length - done, pieceSize(file, piece) - within);
      const part = await cache.read(`${file.key}/${piece}`, within, wanted);
      if (part.length !== wanted) throw fileError(file, 'changed in the cache while it was read');
      bytes.set(part, done);
      done += wanted;
    }
    return bytes;
  };
  return { name: file.name, size: file.size, read };
}
