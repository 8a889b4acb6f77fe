import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach } from 'vitest';

/** The files of a model on the hub, by their paths. */
export type HubFiles = Readonly<Record<string, Uint8Array>>;

/** A request that came in. */
export interface SeenRequest {
  readonly at: 'hub' | 'store';
  readonly path: string;
  readonly token: string | undefined;
  readonly range: string | undefined;
}

/** How the server behaves; each test begins with none of it. */
export interface HubBehaviour {
  /** The token that it asks for. */
  token?: string;
  /** Bytes after which each of the next answers breaks off, one number an answer. */
  cuts?: number[];
  /** Whether it ignores ranges. */
  wholeOnly?: boolean;
  /** Answers of the store with this status. */
  storeStatus?: number;
  /** Gives these bytes in the place of a file. */
  instead?: Uint8Array;
  /** Changes the listing. */
  listing?: (listing: Record<string, unknown>) => unknown;
  /** Where files are redirected to, in the place of the store. */
  redirect?: string;
}

/** A hub of this machine, and the store of another origin that it redirects to. */
export interface HubServer {
  readonly endpoint: string;
  readonly requests: SeenRequest[];
  readonly models: Map<string, HubFiles>;
  behaviour: HubBehaviour;
}

export const commit = '0123456789abcdef0123456789abcdef01234567';

const headers = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': 'authorization, range',
};

function send(response: ServerResponse, status: number, body = '', more = {}): void {
  response.writeHead(status, { ...headers, ...more }).end(body);
}

/** Sends a file or the rest of it, or less where the connection is to break off. */
function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  all: Uint8Array,
  rules: HubBehaviour,
) {
  const range = rules.wholeOnly ? undefined : /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
  const from = Number(range?.[1] ?? 0);
  // Small texts come compressed, with the length of what is sent.
  const isText = request.url!.endsWith('.json');
  const body = isText ? gzipSync(all) : Buffer.from(all.subarray(from));
  const cut = rules.cuts?.shift();
  response.writeHead(range ? 206 : 200, {
    ...headers,
    'content-length': body.length,
    ...(isText && { 'content-encoding': 'gzip' }),
    ...(range && { 'content-range': `bytes ${from}-${all.length - 1}/${all.length}` }),
  });
  if (cut === undefined) response.end(body);
  else response.write(body.subarray(0, cut), () => setTimeout(() => response.destroy(), 50));
}

/** Starts both servers for the tests of a file: the paths are those that the hub documents. */
export function useHubServer(): HubServer {
  const server: HubServer = { endpoint: '', requests: [], models: new Map(), behaviour: {} };
  const endpoint = { hub: '', store: '' };
  const listen = (at: 'hub' | 'store', answer: typeof answerHub) => {
    const http = createServer((request, response) => {
      if (request.method === 'OPTIONS') return send(response, 204);
      const path = decodeURIComponent(request.url!);
      const { authorization, range } = request.headers;
      server.requests.push({ at, path, token: authorization, range });
      answer(path, request, response);
    });
    return { http, start: () => new Promise<void>((done) => http.listen(0, '127.0.0.1', done)) };
  };

  const answerHub = (path: string, request: IncomingMessage, response: ServerResponse) => {
    const { token, listing = (same) => same, redirect } = server.behaviour;
    if (token && request.headers.authorization !== `Bearer ${token}`) return send(response, 401);
    const [, list, listed] =
      /^\/api\/models\/([^/]+\/[^/]+)\/revision\/([^/?]+)\?blobs=true$/.exec(path) ?? [];
    const [, model, revision, file] = /^\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(path) ?? [];
    const files = server.models.get(list ?? model ?? '');
    const known = ['main', 'v1', commit].includes(listed ?? revision ?? '');
    if (!files || !known || (file && !files[file])) return send(response, 404);
    if (file) {
      const location = redirect ?? `${endpoint.store}/${model}/${file}`;
      return send(response, 302, '', { location });
    }
    const siblings = Object.entries(files).map(([rfilename, { length: size }]) => ({
      rfilename,
      size,
      ...(size > 1000 && { lfs: { size, sha256: '0'.repeat(64) } }),
    }));
    const tags = ['license:apache-2.0'];
    send(response, 200, JSON.stringify(listing({ id: list, sha: commit, tags, siblings })));
  };
  const answerStore = (path: string, request: IncomingMessage, response: ServerResponse) => {
    const { storeStatus, instead } = server.behaviour;
    const [, model, file] = /^\/([^/]+\/[^/]+)\/(.+)$/.exec(path)!;
    if (storeStatus) return send(response, storeStatus);
    sendFile(request, response, instead ?? server.models.get(model!)![file!]!, server.behaviour);
  };

  const hub = listen('hub', answerHub);
  const store = listen('store', answerStore);
  const addressOf = ({ http }: typeof hub) =>
    `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  beforeAll(async () => {
    await Promise.all([hub.start(), store.start()]);
    [endpoint.hub, endpoint.store] = [addressOf(hub), addressOf(store)];
    Object.assign(server, { endpoint: endpoint.hub });
  });
  beforeEach(() => {
    server.behaviour = {};
    server.requests.length = 0;
  });
  afterAll(() => {
    for (const { http } of [hub, store]) {
      http.closeAllConnections();
      http.close();
    }
  });
  return server;
}
