/**
 * Where pieces of files are kept between runs, by keys such as `huggingface.co/owner/name/commit/0`:
 * segments of letters, digits, `_`, `.` and `-`. A piece is stored whole or not at all.
 */
export interface HubCache {
  /** The number of bytes of a piece; undefined where it is not stored. */
  size(key: string): Promise<number | undefined>;
  /** Bytes of a stored piece. */
  read(key: string, offset: number, length: number): Promise<Uint8Array>;
  /** Stores a piece, in the place of an old one. */
  write(key: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
}

/** Keeps pieces in memory, as long as the cache is held. */
export function memoryCache(): HubCache {
  const pieces = new Map<string, Uint8Array>();
  return {
    size: async (key) => pieces.get(key)?.length,
    read: async (key, offset, length) => pieces.get(key)!.subarray(offset, offset + length),
    write: async (key, bytes) => {
      pieces.set(key, bytes);
    },
  };
}

const storeName = 'spgd-hub';
const addressOf = (key: string): string => `https://hub.invalid/${key}`;

/**
 * Keeps pieces in the storage of the browser, and in memory where there is none (a page without a
 * secure context) or it is full.
 */
export async function pageCache(): Promise<HubCache> {
  const store = await globalThis.caches?.open(storeName).catch(() => undefined);
  const memory = memoryCache();
  const stored = async (key: string) => (await store?.match(addressOf(key)))?.blob();
  return {
    size: async (key) => (await memory.size(key)) ?? (await stored(key))?.size,
    async read(key, offset, length) {
      if ((await memory.size(key)) !== undefined) return memory.read(key, offset, length);
      const piece = (await stored(key)) ?? new Blob([]);
      return new Uint8Array(await piece.slice(offset, offset + length).arrayBuffer());
    },
    async write(key, bytes) {
      if (!store) return memory.write(key, bytes);
      await store.put(addressOf(key), new Response(bytes)).catch(() => memory.write(key, bytes));
    },
  };
}
