import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { gzipSync } from 'node:zlib';

const kinds: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
};

/** A plain server of files that sends no special headers, as static hosts do. */
export interface StaticServer {
  /** Ends in a slash. */
  readonly address: string;
  /** Bytes of the bodies that were sent, compressed as static hosts do. */
  readonly sent: () => number;
  close(): Promise<void>;
}

/** Serves folders, each under a path such as `/sub/`. */
export async function serveFolders(
  folders: Readonly<Record<string, string>>,
): Promise<StaticServer> {
  let sent = 0;
  const server: Server = createServer(({ url = '/', method }, response) => {
    const [path] = url.split('?') as [string];
    const [mount, folder] = Object.entries(folders).find(([at]) => path.startsWith(at)) ?? [];
    const name = mount && join(folder!, normalize(`/${path.slice(mount.length)}`));
    const file =
      name && existsSync(name) && statSync(name).isDirectory() ? join(name, 'index.html') : name;
    if (!file || !existsSync(file)) {
      response.writeHead(404).end();
      return;
    }
    const isText = !/\.(bin|png|webp)$/.test(file);
    const body = isText ? gzipSync(readFileSync(file)) : readFileSync(file);
    if (isText) response.setHeader('content-encoding', 'gzip');
    response.setHeader('content-type', kinds[extname(file)] ?? 'application/octet-stream');
    response.setHeader('content-length', body.length);
    response.setHeader('last-modified', statSync(file).mtime.toUTCString());
    if (method !== 'HEAD') sent += body.length;
    response.end(method === 'HEAD' ? undefined : body);
  });
  await new Promise<void>((done) => server.listen(0, 'localhost', done));
  return {
    address: `http://localhost:${(server.address() as AddressInfo).port}/`,
    sent: () => sent,
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}
