/** Called with the bytes of a file that have come, and their total; 0 where that is unknown. */
export type OnBytes = (loaded: number, total: number) => void;

const name = 'spgd-models';

/** Whether two answers are the same version of a file. */
const isSame = (a: Response, b: Response) =>
  ['etag', 'last-modified'].some(
    (header) => a.headers.has(header) && a.headers.get(header) === b.headers.get(header),
  );

/** The stored answer, if the server still has that version or cannot be reached. */
async function stored(cache: Cache, url: string): Promise<Response | undefined> {
  const kept = await cache.match(url);
  if (!kept) return undefined;
  const now = await fetch(url, { method: 'HEAD', cache: 'no-cache' }).catch(() => undefined);
  return !now || isSame(kept, now) ? kept : undefined;
}

/** A response that reports how much of its body has come. */
function counted(response: Response, onBytes: OnBytes): Response {
  const total = Number(response.headers.get('content-length') ?? 0);
  let loaded = 0;
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, stream) {
      loaded += chunk.length;
      onBytes(loaded, total);
      stream.enqueue(chunk);
    },
  });
  return new Response(response.body!.pipeThrough(counter), response);
}

/** Fetches a file of a model, from the browser's own store where it has it. */
export async function fetchModelFile(url: string, onBytes: OnBytes): Promise<Response> {
  // A page without a secure context has no store.
  const cache = await globalThis.caches?.open(name).catch(() => undefined);
  const kept = cache && (await stored(cache, url));
  if (kept) return kept;
  const response = await fetch(url, { cache: 'no-cache' });
  if (!response.ok) throw new Error(`The model did not load: ${url} gave ${response.status}.`);
  const whole = await counted(response, onBytes).blob();
  const { status, headers } = response;
  await cache?.put(url, new Response(whole, { status, headers })).catch(() => {});
  return new Response(whole, { status, headers });
}
