import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test, vi } from 'vitest';
import { run } from '../../../../src/node/cli/run';

const repository = fileURLToPath(new URL('../../../../', import.meta.url));
const main = join(repository, 'src', 'node', 'cli', 'main.ts');

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

/** A Redis of its own, with nothing on disk. */
async function startRedis(folder: string): Promise<string> {
  const port = await freePort();
  const options = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  const child = spawn(server!, options);
  started.push(child);
  for await (const line of child.stdout!) if (/Ready to accept/i.test(String(line))) break;
  child.stdout!.resume();
  return `redis://127.0.0.1:${port}`;
}

/** The command as a process, with the lines that it has printed so far. */
function start(...args: string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', main, ...args], { cwd: repository });
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
      'hdr,denoising',
      '--out',
      root,
    ];

    const doomed = start('worker', '--queue', url, '--lock', '12');
    const evaluation = start('evaluate', ...common, '--queue', url, '--name', 'queued');
    const begun = (lines: readonly string[]) => lines.filter((line) => line.startsWith('begun: '));
    const done = (lines: readonly string[]) => lines.filter((line) => line.startsWith('done: '));
    // It has done one job, and is at work on the next.
    await vi.waitUntil(() => begun(doomed.lines).length === 2, { timeout: 120_000, interval: 5 });
    doomed.child.kill('SIGKILL');
    const survivor = start('worker', '--queue', url, '--lock', '12');

    expect(await evaluation.end, evaluation.lines.join('\n')).toBe(0);
    survivor.child.kill('SIGINT');
    expect(await survivor.end).toBe(130);
    const all = [...done(doomed.lines), ...done(survivor.lines)].sort();
    const tasks = ['denoising', 'hdr'];
    const items = ['00000-astronaut', '00001-chelsea'];
    expect(all).toEqual(tasks.flatMap((task) => items.map((item) => `done: ${task}-${item}-run0`)));
    const lost = begun(doomed.lines)[1]!;
    expect(survivor.lines).toContain(lost);

    const quiet = vi.spyOn(console, 'log').mockImplementation(() => {});
    const silent = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    expect(await run(['evaluate', ...common, '--name', 'plain'])).toBe(0);
    for (const spy of [quiet, silent]) spy.mockRestore();
    const queued = await samplesOf(join(root, 'queued'));
    expect(Object.keys(queued)).toHaveLength(4);
    expect(queued).toEqual(await samplesOf(join(root, 'plain')));
  },
  300_000,
);

test('without a server the command says so and ends', async () => {
  const url = `redis://user:secret@127.0.0.1:${await freePort()}`;
  const said = vi.spyOn(console, 'error').mockImplementation(() => {});
  expect(await run(['worker', '--queue', url])).toBe(1);
  const [[text]] = said.mock.calls as [[string]];
  said.mockRestore();
  expect(text).toMatch(/no server answers at redis:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED/);
});
