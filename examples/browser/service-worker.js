// Serves the page without a network, and isolates it, so that WebAssembly may use threads on servers
// that send no headers. The build puts the policy in, and the files that the page may need.
const policy = '%POLICY%';
const files = '%FILES%';
const name = 'spgd-page';

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

/** The answer with the headers of an isolated page that contacts nobody else. */
function isolated(response) {
  if (response.status === 0 || response.status === 304) return response;
  const headers = new Headers(response.headers);
  headers.set('Cross-Origin-Opener-Policy', 'same-origin');
  headers.set('Cross-Origin-Embedder-Policy', 'require-corp');
  headers.set('Cross-Origin-Resource-Policy', 'same-origin');
  headers.set('Content-Security-Policy', policy);
  const { status, statusText } = response;
  return new Response(response.body, { status, statusText, headers });
}

/** Files with a hash in their name never change. */
const isHashed = (url) => /\/assets\/[^/]+-[\w-]{8}\.\w+$/.test(url);

const withoutSearch = (url) => url.split(/[?#]/)[0];

async function answer(request) {
  const cache = await caches.open(name);
  const key = withoutSearch(request.url);
  const kept = await cache.match(key);
  if (kept && isHashed(key)) return isolated(kept);
  try {
    const response = await fetch(request);
    if (response.ok) await cache.put(key, response.clone());
    return isolated(response);
  } catch (error) {
    if (kept) return isolated(kept);
    throw error;
  }
}

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const isOwn = request.url.startsWith(self.registration.scope);
  // The worker keeps the model itself.
  const isModel = request.url.startsWith(`${self.registration.scope}light/`);
  if (request.method === 'GET' && isOwn && !isModel) event.respondWith(answer(request));
});

/** Keeps what the page needs, and forgets what an earlier version of it needed. */
async function keep(urls) {
  const cache = await caches.open(name);
  const { scope } = self.registration;
  const needed = [...urls, ...files.map((file) => scope + file)]
    .filter((url) => url.startsWith(scope) && !url.startsWith(`${scope}light/`))
    .map(withoutSearch);
  const wanted = new Set(needed);
  const held = new Set((await cache.keys()).map(({ url }) => url));
  await Promise.all(
    [...held].filter((url) => isHashed(url) && !wanted.has(url)).map((url) => cache.delete(url)),
  );
  for (const url of wanted) if (!held.has(url)) await cache.add(url).catch(() => {});
}

self.addEventListener('message', (event) => {
  if (event.data.keep) event.waitUntil(keep(event.data.keep));
});
