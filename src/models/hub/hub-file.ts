import { fileError } from '../../internal/file-error';
import type { ByteSource } from '../checkpoint/byte-source';
import type { HubCache } from './hub-cache';
import { type HubFile, pieceCount, pieceSize, piecesSource, pieceWriter } from './hub-pieces';
import { type HubAccess, isNetworkError, networkError, requestFromHub } from './hub-request';

/** How a file is fetched and kept. */
export interface FetchOptions {
  readonly cache: HubCache;
  readonly offline: boolean;
  /** Called as bytes arrive, with how many of the file are there. */
  readonly onBytes: (done: number) => void;
}

const mostFailures = 4;
const firstPause = 100;
const shortest = 1024;

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** The first piece from `from` on that is not stored. */
async function firstMissing(file: HubFile, cache: HubCache, from: number): Promise<number> {
  let piece = from;
  while (
    piece < pieceCount(file) &&
    (await cache.size(`${file.key}/${piece}`)) === pieceSize(file, piece)
  )
    piece++;
  return piece;
}

/** The error for an answer that is not the rest of the file from `offset` on. */
function wrongSize(file: HubFile, offset: number, got: string | number): Error {
  const note = Number(got) < shortest ? '; perhaps a pointer of Git LFS, not the file' : '';
  const rule = `the hub must give ${file.size - offset} bytes from ${offset} on`;
  return fileError(file, `${rule}, got ${got}${note}`);
}

/** Rejects an answer whose headers say that it is not the rest of the file from `offset` on. */
function checkAnswer(file: HubFile, { headers, type }: Response, offset: number): void {
  const range = headers.get('content-range');
  if (range !== null && !range.startsWith(`bytes ${offset}-`)) throw wrongSize(file, offset, range);
  // The length is that of compressed bytes, perhaps: a page does not see how another origin encodes.
  if (headers.has('content-encoding') || type === 'cors') return;
  const length = headers.get('content-length');
  if (length !== null && Number(length) !== file.size - offset)
    throw wrongSize(file, offset, length);
}

/** Stores what arrives from a piece on; what breaks off within a piece is lost. */
async function receive(
  access: HubAccess,
  file: HubFile,
  first: number,
  { cache, onBytes }: FetchOptions,
): Promise<void> {
  const start = pieceSize(file, 0) * first;
  const headers: Record<string, string> = start > 0 ? { range: `bytes=${start}-` } : {};
  const response = await requestFromHub(access, file.path, headers);
  // A server that knows no ranges sends the file from its beginning.
  const offset = response.status === 206 ? start : 0;
  checkAnswer(file, response, offset);
  const writer = pieceWriter(file, { cache, first, skip: start - offset });
  const reader = response.body!.getReader();
  const broken = (error?: unknown) => {
    access.signal?.throwIfAborted();
    return networkError(`${file.name}: the connection broke off`, error);
  };
  const next = () => reader.read().catch((error: unknown) => Promise.reject(broken(error)));
  try {
    for (let part = await next(); !part.done; part = await next()) {
      await writer.take(part.value);
      onBytes(writer.done());
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
  if (writer.done() === file.size) return;
  // An answer that ends early and properly is another file, unless some of it was right.
  const arrived = writer.done() - start;
  throw arrived < pieceSize(file, first) ? wrongSize(file, start, arrived) : broken();
}

/** Fetches what the cache lacks of a file; a connection that breaks off is taken up again. */
async function complete(access: HubAccess, file: HubFile, options: FetchOptions): Promise<void> {
  const { cache, offline, onBytes } = options;
  let piece = await firstMissing(file, cache, 0);
  let failures = 0;
  while (piece < pieceCount(file)) {
    if (offline)
      throw fileError(file, 'is not whole in the cache, and the hub is not asked (offline)');
    const before = piece;
    const failure = await receive(access, file, piece, options).catch((error: unknown) => error);
    if (failure !== undefined && !isNetworkError(failure)) throw failure;
    piece = await firstMissing(file, cache, piece);
    if (failure === undefined) continue;
    failures = piece > before ? 1 : failures + 1;
    if (failures > mostFailures)
      throw networkError(`${failure.message}; run it again to go on from there`, failure);
    await pause(firstPause * 2 ** failures);
    access.signal?.throwIfAborted();
  }
  onBytes(file.size);
}

/** A file of the hub as bytes read by position, once all of it is in the cache. */
export async function fetchHubFile(
  access: HubAccess,
  file: HubFile,
  options: FetchOptions,
): Promise<ByteSource> {
  await complete(access, file, options);
  return piecesSource(file, options.cache);
}
