import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createServer as createHttp } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Job, Queue, Worker } from 'bullmq';
import { afterAll, expect, test, vi } from 'vitest';
import packageJson from '../../../package.json';
import { runCommand } from '../../support/run-command';

const repository = fileURLToPath(new URL('../../../', import.meta.url));
const main = join(repository, 'src', 'cli', 'main.ts');

const find = (name: string): string | undefined => {
  try {
    return execFileSync('which', [name], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
};
const server = find('redis-server') ?? find('valkey-server');
const note = server ? '' : ' (skipped: neither redis-server nor valkey-server is installed)';
const started: ChildProcess[] = [];

afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
});

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, 'close');
  return port;
}

/** A Redis of its own, with nothing on disk; with `tls` it takes encrypted connections alone. */
async function startRedis(
  folder: string,
  tls: readonly string[] = [],
  port?: number,
): Promise<string> {
  port ??= await freePort();
  const ports = tls.length
    ? ['--port', '0', '--tls-port', `${port}`, ...tls]
    : ['--port', `${port}`];
  const options = [...ports, '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  const child = spawn(server!, options);
  started.push(child);
  for await (const line of child.stdout!) if (/Ready to accept/i.test(String(line))) break;
  child.stdout!.resume();
  return `${tls.length ? 'rediss' : 'redis'}://127.0.0.1:${port}`;
}

/** The command as a process, with the lines that it has printed so far. */
function start(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, ['--import', 'tsx', main, ...args], {
    cwd: repository,
    env: { ...process.env, ...env },
  });
  started.push(child);
  const lines: string[] = [];
  const streams = [child.stdout!, child.stderr!];
  for (const stream of streams)
    stream.on('data', (data) => lines.push(...String(data).split('\n')));
  return { child, lines, end: once(child, 'close').then(([code]) => code as number) };
}

async function samplesOf(folder: string): Promise<Record<string, string>> {
  const paths = (await readdir(join(folder, 'samples'), { recursive: true }))
    .filter((path) => path.endsWith('.png'))
    .sort();
  const read = paths.map(async (path) => [
    path,
    await readFile(join(folder, 'samples', path), 'base64'),
  ]);
  return Object.fromEntries(await Promise.all(read));
}

test.runIf(process.env.CI)('CI has a server for the queue', () => {
  expect(server).toMatch(/(redis|valkey)-server$/);
});

test.skipIf(!server)(
  `of two workers one is killed in the middle: nothing is lost, nothing is done twice${note}`,
  async () => {
    const root = await mkdtemp(join(tmpdir(), 'spgd-queue-'));
    const photos = join(root, 'photos');
    await mkdir(photos);
    for (const name of ['astronaut', 'chelsea'])
      await symlink(join(repository, 'photos', `${name}.png`), join(photos, `${name}.png`));
    const url = await startRedis(root);
    const flags = ['--size', '16', '--sampler', 'probability-flow', '--steps', '10'];
    const common = [
      photos,
      ...flags,
      '--backend',
      'wasm',
      '--task',
      'high-dynamic-range,denoising',
      '--out',
      root,
    ];

    const doomed = start(['worker', '--queue', url, '--photos', photos, '--lock', '12']);
    const evaluation = start(['evaluate', ...common, '--queue', url, '--name', 'queued']);
    const begun = (lines: readonly string[]) => lines.filter((line) => line.startsWith('begun: '));
    const done = (lines: readonly string[]) => lines.filter((line) => line.startsWith('done: '));
    // It has done one job, and is at work on the next.
    await vi.waitUntil(() => begun(doomed.lines).length === 2, { timeout: 120_000, interval: 5 });
    doomed.child.kill('SIGKILL');
    const survivor = start(['worker', '--queue', url, '--photos', photos, '--lock', '12']);

    expect(await evaluation.end, evaluation.lines.join('\n')).toBe(0);
    survivor.child.kill('SIGINT');
    expect(await survivor.end).toBe(130);
    const all = [...done(doomed.lines), ...done(survivor.lines)].sort();
    const tasks = ['denoising', 'high-dynamic-range'];
    const items = ['00000-astronaut', '00001-chelsea'];
    expect(all).toEqual(tasks.flatMap((task) => items.map((item) => `done: ${task}-${item}-run0`)));
    const lost = begun(doomed.lines)[1]!;
    expect(survivor.lines).toContain(lost);

    expect(await runCommand(root, 'evaluate', ...common, '--name', 'plain')).toMatchObject({
      code: 0,
    });
    const queued = await samplesOf(join(root, 'queued'));
    expect(Object.keys(queued)).toHaveLength(4);
    expect(queued).toEqual(await samplesOf(join(root, 'plain')));
  },
  300_000,
);

/** A folder with one photo, and an evaluation of it that takes seconds. */
async function onePhoto() {
  const root = await mkdtemp(join(tmpdir(), 'spgd-queue-'));
  const photos = join(root, 'photos');
  await mkdir(photos);
  await symlink(join(repository, 'photos', 'chelsea.png'), join(photos, 'chelsea.png'));
  const flags = '--size 16 --sampler probability-flow --steps 2 --backend wasm --task denoising';
  return { root, photos, common: [photos, ...flags.split(' '), '--out', root, '--name', 'queued'] };
}

/** A worker that answers every job with `answer`, as whoever may write to the server could. */
async function impostor(url: string, answer: (job: Job) => unknown): Promise<Worker> {
  const worker = new Worker('spgd', async (job) => answer(job), { connection: { url } });
  await worker.waitUntilReady();
  return worker;
}

const body = (content: unknown) => ({ body: JSON.stringify(content) });

test.skipIf(!server)(
  `a result with other files, with none, or without the signature ends in an error${note}`,
  async () => {
    const { root, common } = await onePhoto();
    const url = await startRedis(root);
    const answers: [unknown, RegExp, Record<string, string>?][] = [
      [
        body({ '../../escaped.txt': 'AAAA' }),
        /only files that were asked for, got \.\.\/\.\.\/escaped/,
      ],
      [body({}), /must hold items\/denoising\/00000-chelsea-run0\.json, got nothing/],
      [{ code: 1 }, /body must be given, got nothing|code is unknown/],
      [body({}), /must be signed with SPGD_QUEUE_KEY/, { SPGD_QUEUE_KEY: 'secret' }],
    ];
    for (const [answer, message, env] of answers) {
      const worker = await impostor(url, () => answer);
      const { end, lines } = start(['evaluate', ...common, '--queue', url], env);
      expect([await end, lines.join('\n')]).toEqual([1, expect.stringMatching(message)]);
      await worker.close(true);
      const queue = new Queue('spgd', { connection: { url } });
      await queue.obliterate({ force: true });
      await queue.close();
    }
    const files = await readdir(root, { recursive: true });
    expect(files.filter((path) => /escaped|items/.test(path))).toEqual([]);
  },
  300_000,
);

test.skipIf(!server)(
  `a worker opens nothing that a job names, and refuses a job that it does not know${note}`,
  async () => {
    const { root, photos } = await onePhoto();
    const url = await startRedis(root);
    const evil = join(root, 'evil.mjs');
    const ran = join(root, 'ran.txt');
    await writeFile(
      evil,
      `import fs from 'node:fs'; fs.writeFileSync(${JSON.stringify(ran)}, '');
      export const metric = () => 1;`,
    );
    let asked = 0;
    const http = createHttp(() => {
      asked++;
    }).listen(0, '127.0.0.1');
    await once(http, 'listening');
    const address = `http://127.0.0.1:${(http.address() as AddressInfo).port}/model.json`;
    const config = {
      start: 0,
      size: '16x16',
      task: ['denoising'],
      sampler: 'probability-flow',
      replacePooling: false,
      samples: 1,
      batch: 1,
      seed: 0,
      settings: { denoising: { steps: 2, sigmaMax: 3 } },
      trajectory: false,
      backend: 'cpu',
    };
    const inputs = {
      version: packageJson.version,
      models: { model: 'x' },
      metric: [],
      metrics: [],
      photos: [{ index: 0, name: 'chelsea.png', digest: 'x' }],
    };
    const group = 'denoising-00000-chelsea-run0';
    const outside = { ...inputs, photos: [{ index: 0, name: '../secret.png', digest: 'x' }] };
    const jobs: [unknown, RegExp][] = [
      [{ config: { ...config, metric: [evil] }, inputs, group }, /config\.metric is unknown/],
      [{ config: { ...config, model: address }, inputs, group }, /config\.model is unknown/],
      [{ config, inputs: outside, group }, /inputs\.photos\.0\.name must be a path inside/],
      [{ config: { ...config, task: ['../x'] }, inputs, group }, /config\.task\.0 must be one of/],
      [{ config, inputs, group: '../../x' }, /model must be as when the queue was begun/],
    ];
    const queue = new Queue('spgd', { connection: { url } });
    const worker = start(['worker', '--queue', url, '--photos', photos]);
    for (const [job, message] of jobs) {
      const before = worker.lines.length;
      await queue.add('hostile', body(job));
      const failed = () => worker.lines.slice(before).find((line) => line.startsWith('failed: '));
      await vi.waitUntil(failed, { timeout: 120_000 });
      expect(failed()).toMatch(message);
      expect(failed()!.length).toBeLessThan(330);
    }
    worker.child.kill('SIGINT');
    expect(await worker.end).toBe(130);
    await queue.close();
    http.close();
    expect(asked).toBe(0);
    expect(await readdir(root)).not.toContain('ran.txt');
  },
  300_000,
);

const certificate = (folder: string): string[] | undefined => {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  try {
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, ...subject],
      { stdio: 'ignore' },
    );
    return ['--tls-cert-file', cert, '--tls-key-file', key, '--tls-auth-clients', 'no'];
  } catch {
    return undefined;
  }
};

test.skipIf(!server || !find('openssl'))(
  `a queue over TLS, with a password from the environment and signed jobs, gives the result${note}`,
  async () => {
    const { root, photos, common } = await onePhoto();
    const tls = [...certificate(root)!, '--requirepass', 'secret'];
    const url = await startRedis(root, tls);
    const env = {
      NODE_EXTRA_CA_CERTS: join(root, 'cert.pem'),
      SPGD_QUEUE_PASSWORD: 'secret',
      SPGD_QUEUE_KEY: 'key',
    };
    const worker = start(['worker', '--queue', url, '--photos', photos], env);
    const { end, lines } = start(['evaluate', ...common, '--queue', url], env);
    expect(await end, [...lines, ...worker.lines].join('\n')).toBe(0);
    expect(Object.keys(await samplesOf(join(root, 'queued')))).toHaveLength(1);
    worker.child.kill('SIGINT');
    await worker.end;
    const untrusted = start(['worker', '--queue', url, '--queue-wait', '1', '--photos', photos], {
      SPGD_QUEUE_PASSWORD: 'secret',
    });
    expect(await untrusted.end).toBe(1);
    expect(untrusted.lines.join('\n')).toMatch(/no server answers at rediss:.*certificate/);
  },
  300_000,
);

test.skipIf(!server)(
  `a server that is killed and comes back without its jobs gets them again, said in two lines${note}`,
  async () => {
    const { root, photos, common } = await onePhoto();
    const port = await freePort();
    const url = await startRedis(root, [], port);
    const redis = started.at(-1)!;
    const { end, lines } = start(['evaluate', ...common, '--queue', url]);
    const queue = new Queue('spgd', { connection: { url } });
    queue.on('error', () => {});
    await vi.waitUntil(async () => (await queue.count()) === 1, { timeout: 120_000 });
    redis.kill('SIGKILL');
    const losses = () => lines.filter((line) => line.includes('ECONNREFUSED'));
    await vi.waitUntil(() => losses().length > 0, { timeout: 120_000 });
    await startRedis(root, [], port);
    const worker = start(['worker', '--queue', url, '--photos', photos]);
    expect(await end, lines.join('\n')).toBe(0);
    expect(losses()).toEqual([expect.stringMatching(/^queue: .* until it answers$/)]);
    expect(lines).toContain('queue: connected again');
    expect(Object.keys(await samplesOf(join(root, 'queued')))).toHaveLength(1);
    worker.child.kill('SIGINT');
    await worker.end;
    await queue.close();
  },
  300_000,
);

test.skipIf(!server)(
  `worker and evaluation wait for a server that starts after them, said in two lines${note}`,
  async () => {
    const { root, photos, common } = await onePhoto();
    const port = await freePort();
    const queue = ['--queue', `redis://127.0.0.1:${port}`];
    const worker = start(['worker', ...queue, '--photos', photos]);
    const evaluation = start(['evaluate', ...common, ...queue]);
    const said = ({ lines }: { lines: readonly string[] }) =>
      lines.filter((line) => line.startsWith('queue: '));
    const both = [worker, evaluation];
    await vi.waitUntil(() => both.every((one) => said(one).length > 0), { timeout: 120_000 });
    await startRedis(root, [], port);
    expect(await evaluation.end, evaluation.lines.join('\n')).toBe(0);
    const lost = expect.stringMatching(/^queue: .*ECONNREFUSED.* again for 30 s$/);
    for (const one of both) expect(said(one)).toEqual([lost, 'queue: connected']);
    expect(Object.keys(await samplesOf(join(root, 'queued')))).toHaveLength(1);
    worker.child.kill('SIGINT');
    expect(await worker.end).toBe(130);
  },
  300_000,
);

/** What a worker says of an address in the end. */
async function lastWordOn(url: string): Promise<string> {
  const { said, code } = await runCommand(
    repository,
    ...['worker', '--queue', url, '--queue-wait', '0.5', '--photos', 'photos'],
  );
  expect(code).toBe(1);
  return said.trim().split('\n').at(-1)!;
}

test('where no server answers, the command says so and ends', async () => {
  const url = `redis://user:secret@127.0.0.1:${await freePort()}`;
  expect(await lastWordOn(url)).toMatch(
    /no server answers at redis:\/\/127\.0\.0\.1:\d+ within 0.5 s: .*ECONNREFUSED/,
  );
});

test('where something else than Redis listens, the command says so and ends', async () => {
  const sockets = new Set<Socket>();
  const silent = createServer((socket) => sockets.add(socket)).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  expect(await lastWordOn(`redis://127.0.0.1:${port}`)).toMatch(
    /no server answers at .* within 0.5 s: it accepts connections, and is silent$/,
  );
  for (const socket of sockets) socket.destroy();
  silent.close();
});
