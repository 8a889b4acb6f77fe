import { checkRange } from '../../internal/check';
import { fileError } from '../../internal/file-error';

/** How the hub is reached. */
export interface HubAccess {
  /** The name of the model in errors. */
  readonly name: string;
  /** The address of the hub, without a slash at its end. */
  readonly endpoint: string;
  readonly token?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

const mostRedirects = 5;
const isRedirect = ({ status }: Response): boolean => [301, 302, 303, 307, 308].includes(status);

/** The address of a hub, checked. */
export function checkEndpoint(endpoint: string): string {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  const plain = url !== undefined && /^https?:$/.test(url.protocol) && !url.search && !url.username;
  checkRange(plain, 'hubHandler', 'endpoint', 'an address of https:// or http://', endpoint);
  return url!.href.replace(/\/+$/, '');
}

/** A failure of the network, which a second try may not meet. */
export const networkError = (message: string, cause?: unknown): Error =>
  Object.assign(new Error(message, { cause }), { name: 'NetworkError' });

/** Whether a second try may help. */
export const isNetworkError = (error: unknown): error is Error =>
  error instanceof Error && error.name === 'NetworkError';

/** Sends one request; what `fetch` throws becomes an error that names the host. */
async function send(access: HubAccess, url: URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...init, signal: access.signal ?? null });
  } catch (error) {
    access.signal?.throwIfAborted();
    const code = (error as { cause?: { code?: unknown } }).cause?.code;
    const why = typeof code === 'string' ? ` (${code})` : '';
    throw networkError(`${access.name}: cannot reach ${url.host}${why}`, error);
  }
}

/** Where a redirect leads: never from https to http, nor to another scheme. */
function targetOf(access: HubAccess, response: Response, from: URL): URL {
  const location = response.headers.get('location') ?? '';
  const to = URL.canParse(location, from) ? new URL(location, from) : undefined;
  const allowed = from.protocol === 'https:' ? ['https:'] : ['https:', 'http:'];
  if (to && allowed.includes(to.protocol)) return to;
  throw fileError(access, `is redirected from ${from.host} to an address that is not followed`);
}

/**
 * Asks for a path of the hub, and follows redirects. The token goes to the origin of the endpoint
 * alone. A page cannot follow redirects by itself: there the browser does, which drops the token at
 * another origin (Fetch standard, HTTP-redirect fetch).
 */
export async function requestFromHub(
  access: HubAccess,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const { endpoint, token } = access;
  const home = new URL(endpoint).origin;
  let url = new URL(`${endpoint}${path}`);
  for (let hop = 0; hop <= mostRedirects; hop++) {
    const isHome = url.origin === home;
    const own: Record<string, string> = { ...headers };
    if (isHome && token) own.authorization = `Bearer ${token}`;
    const response = await send(access, url, { headers: own, redirect: 'manual' });
    if (response.type === 'opaqueredirect')
      return answered(access, await send(access, url, { headers: own }));
    if (!isRedirect(response)) return answered(access, response);
    await response.body?.cancel();
    url = targetOf(access, response, url);
  }
  throw fileError(access, `is redirected more than ${mostRedirects} times`);
}

const refusals: Readonly<Record<number, string>> = {
  401: 'is private, gated or does not exist (401): accept its terms on the hub and set a token',
  403: 'may not be read with this token (403): accept its terms on the hub',
  404: 'is not on the hub (404): check the name, the revision and the file',
  416: 'has another size than the hub lists (416)',
  429: 'is refused for now (429): too many requests; try again later',
};

/** A good answer; others become errors: of the server those that a second try may not meet. */
async function answered(access: HubAccess, response: Response): Promise<Response> {
  if (response.ok) return response;
  await response.body?.cancel();
  const { status } = response;
  if (status >= 500) throw networkError(`${access.name}: the hub fails (${status})`);
  throw fileError(access, refusals[status] ?? `is refused by the hub (${status})`);
}
