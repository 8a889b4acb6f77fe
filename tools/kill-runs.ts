/**
 * Kills runs at many moments, starts them again, and compares with a run that was left alone:
 *
 *   npm run build && npx tsx tools/kill-runs.ts [evaluate,restore,worker,coordinator,redis] [moments]
 *
 * The last three need redis-server. Prints what differs, and ends with 1 if something does.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const [kinds = 'evaluate,restore,worker,coordinator,redis', count = '20'] = process.argv.slice(2);
const moments = Number(count);
const root = await mkdtemp(join(tmpdir(), 'spgd-kills-'));
const photos = join(root, 'photos');
await mkdir(photos);
for (const name of ['astronaut', 'chelsea'])
  await symlink(resolve('photos', `${name}.png`), join(photos, `${name}.png`));

interface Run {
  readonly child: ChildProcess;
  readonly lines: string[];
  readonly end: Promise<number | null>;
}

const running = new Set<ChildProcess>();

function start(...args: string[]): Run {
  const child = spawn(process.execPath, ['dist/cli.js', ...args], {
    // The process that works is killed, not one that watches it.
    env: { ...process.env, SPGD_WATCHED: '1' },
  });
  running.add(child);
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data) => lines.push(...String(data).split('\n')));
  const end = once(child, 'close').then(([code]) => {
    running.delete(child);
    return code as number | null;
  });
  return { child, lines, end };
}

const pause = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

async function killAfter({ child, end }: Run, milliseconds: number): Promise<boolean> {
  const outcome = await Promise.race([end, pause(milliseconds)]);
  child.kill('SIGKILL');
  await end;
  return outcome === undefined;
}

/** The pictures and figures of an evaluation by their paths. */
async function resultsOf(folder: string): Promise<string> {
  const paths = (await readdir(folder, { recursive: true })).filter((path) =>
    /^(measurements|photos|samples)\/.*\.\w+$|^(metrics\.json|eval\.md)$/.test(path),
  );
  const read = paths.sort().map(async (path) => [path, await readFile(join(folder, path), 'hex')]);
  return JSON.stringify(await Promise.all(read));
}

const few = '--size 16 --sampler probability-flow --steps 6 --backend wasm'.split(' ');
const evaluation = (name: string, ...more: string[]) =>
  start(
    'evaluate',
    photos,
    ...few,
    ...['--task', 'high-dynamic-range,denoising'],
    ...['--out', root, '--name', name, ...more],
  );

let failures = 0;
function report(what: string, isSame: boolean, { lines }: Run): void {
  if (!isSame) {
    failures++;
    console.log(`${what}: DIFFERS\n  ${lines.slice(-17).join('\n  ')}`);
  } else console.log(`${what}: the same`);
}

async function timed(run: Run): Promise<number> {
  const begun = performance.now();
  const code = await run.end;
  if (code !== 0) throw new Error(run.lines.join('\n'));
  return performance.now() - begun;
}

const whole = join(root, 'whole');
const evaluationTime = await timed(evaluation('whole'));
const expected = await resultsOf(whole);
/** Seconds of silence after which a worker counts as dead: longer than a pass on a busy machine. */
const lock = Math.max(3, Math.ceil(evaluationTime / 1000));
const momentOf = (i: number, length: number) => ((i + 0.5) / moments) * length;

async function killEvaluations(): Promise<void> {
  for (let i = 0; i < moments; i++) {
    const name = `evaluate-${i}`;
    const killed = await killAfter(evaluation(name), momentOf(i, evaluationTime));
    const again = evaluation(name);
    const code = await again.end;
    const isSame = code === 0 && (await resultsOf(join(root, name))) === expected;
    report(`evaluate ${i}${killed ? '' : ' (had ended)'}`, isSame, again);
  }
}

async function killRestorations(): Promise<void> {
  const restoration = (out: string, ...more: string[]) => {
    const task = '--task denoising --noise-std 0.2 --steps 8 --sampler spgd --backend wasm';
    const size = ['--size', '40x56', '--tile', '32'];
    return start('restore', 'chelsea', ...task.split(' '), ...size, '--out', out, ...more);
  };
  const length = await timed(restoration(join(root, 'whole.png')));
  const picture = await readFile(join(root, 'whole.png'), 'hex');
  for (let i = 0; i < moments; i++) {
    const out = join(root, `restore-${i}.png`);
    const killed = await killAfter(restoration(out), momentOf(i, length));
    const again = restoration(out, '--resume');
    const code = await again.end;
    const isSame = code === 0 && (await readFile(out, 'hex')) === picture;
    const left = existsSync(`${out}.resume`);
    report(`restore ${i}${killed ? '' : ' (had ended)'}`, isSame && !left, again);
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address() as { port: number };
  probe.close();
  await once(probe, 'close');
  return address.port;
}

async function startRedis(folder: string, port: number, ...more: string[]): Promise<ChildProcess> {
  await mkdir(folder, { recursive: true });
  const where = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder];
  const child = spawn('redis-server', [...where, '--save', '', ...more]);
  running.add(child);
  child.once('close', () => running.delete(child));
  for await (const line of child.stdout) if (/Ready to accept/i.test(String(line))) break;
  child.stdout.resume();
  return child;
}

const durable = ['--appendonly', 'yes', '--appendfsync', 'always'];

/** Kills one of the three parts of a queue at each moment, and starts it again. */
async function killInQueue(victim: 'worker' | 'coordinator' | 'redis'): Promise<void> {
  for (let i = 0; i < moments; i++) {
    const name = `${victim}-${i}`;
    const port = await freePort();
    const url = `redis://127.0.0.1:${port}`;
    const folder = join(root, `redis-${name}`);
    const newWorker = () =>
      start('worker', '--queue', url, '--photos', photos, '--lock', `${lock}`);
    let redis = await startRedis(folder, port, ...durable);
    let worker = newWorker();
    let coordinator = evaluation(name, '--queue', url);
    await pause(momentOf(i, 1.2 * evaluationTime));
    const hasEnded = coordinator.child.exitCode !== null;
    if (victim === 'worker') {
      worker.child.kill('SIGKILL');
      worker = newWorker();
    } else if (victim === 'coordinator') {
      coordinator.child.kill('SIGKILL');
      await coordinator.end;
      coordinator = evaluation(name, '--queue', url);
    } else {
      redis.kill('SIGKILL');
      await once(redis, 'close');
      await pause(500);
      redis = await startRedis(folder, port, ...durable);
    }
    const code = await Promise.race([coordinator.end, pause(10 * evaluationTime + 60_000)]);
    const isSame = code === 0 && (await resultsOf(join(root, name))) === expected;
    report(`queue, killed ${name}${hasEnded ? ' (had ended)' : ''}, code ${code}`, isSame, {
      ...coordinator,
      lines: [...coordinator.lines.slice(-8), '-- worker', ...worker.lines.slice(-8)],
    });
    for (const { child, end } of [worker, coordinator]) {
      child.kill('SIGKILL');
      await end;
    }
    redis.kill('SIGKILL');
    await once(redis, 'close');
  }
}

const all: Readonly<Record<string, () => Promise<void>>> = {
  evaluate: killEvaluations,
  restore: killRestorations,
  worker: () => killInQueue('worker'),
  coordinator: () => killInQueue('coordinator'),
  redis: () => killInQueue('redis'),
};
try {
  for (const kind of kinds.split(',')) await all[kind]!();
} finally {
  for (const child of running) child.kill('SIGKILL');
}
console.log(`differences: ${failures}`);
process.exit(failures ? 1 : 0);
