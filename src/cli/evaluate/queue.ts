import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionOptions, Job } from 'bullmq';
import type { EvaluationConfig } from './config';
import { checkSameInputs, type Evaluation, type Inputs } from './evaluation';
import { filesBelow, write } from './files';

import { type EvaluateKey, kindOf } from './options';
import type { Group } from './plan';
import { restoreGroup } from './restore-group';

/** What a job carries: all but photos and weights, which each machine has and proves by digest. */
export interface JobData {
  readonly config: EvaluationConfig;
  readonly inputs: Inputs;
  readonly group: Group;
}

/** The files of a group by their path, as base64. */
type JobResult = Readonly<Record<string, string>>;

const queueName = 'spgd';

/** How often a group may take its worker down with it before it counts as failed. */
const maxStalledCount = 3;

/** BullMQ, which is installed only where it is wanted. */
async function loadBullmq(): Promise<typeof import('bullmq')> {
  try {
    return await import('bullmq');
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND';
    throw why
      ? new Error("evaluate: a queue needs BullMQ: run 'npm install bullmq ioredis'", {
          cause: error,
        })
      : error;
  }
}

const connectionTo = (url: string): ConnectionOptions => ({ url, maxRetriesPerRequest: null });

/** BullMQ, once a server has answered: without one it would wait for ever. */
async function connect(url: string): Promise<typeof import('bullmq')> {
  const bullmq = await loadBullmq();
  const probe = new bullmq.Queue(queueName, { connection: { url, retryStrategy: () => null } });
  let reason = 'the connection was closed';
  probe.on('error', (error) => {
    reason = error.message || String((error as NodeJS.ErrnoException).code ?? reason);
  });
  try {
    await probe.waitUntilReady();
  } catch (error) {
    const address = url.replace(/\/\/[^@/]*@/, '//');
    throw new Error(`evaluate: no server answers at ${address}: ${reason}`, { cause: error });
  } finally {
    await probe.close().catch(() => {});
  }
  return bullmq;
}

/** The same group of the same evaluation has the same id, so that it is never queued twice. */
const jobId = ({ config, inputs, group }: JobData): string => {
  const computed = Object.entries(config).filter(
    ([key]) => kindOf(key as EvaluateKey) === undefined,
  );
  const hash = createHash('sha256')
    .update(JSON.stringify([computed, inputs]))
    .digest('hex');
  return `${hash.slice(0, 16)}-${group.id}`;
};

/** Writes what a worker made into the folder, records last: they say that an item is done. */
async function keepResult(folder: string, result: JobResult): Promise<void> {
  const isRecord = (path: string) => path.startsWith('items');
  const paths = Object.keys(result).sort((a, b) => Number(isRecord(a)) - Number(isRecord(b)));
  for (const path of paths) await write(join(folder, path), Buffer.from(result[path]!, 'base64'));
}

/** What `evaluateByQueue` is told. */
export interface QueueOptions {
  readonly url: string;
  readonly signal: AbortSignal;
  onDone(id: string): void;
  onFailed(id: string, reason: string): void;
}

/**
 * Puts groups into the queue, and writes what the workers make of them into
 * `folder`. A result stays in the queue until it is written, so that this may be killed and started
 * again.
 */
export async function evaluateByQueue(
  folder: string,
  { config, inputs }: Evaluation,
  groups: readonly Group[],
  { url, signal, onDone, onFailed }: QueueOptions,
): Promise<void> {
  const { Queue, QueueEvents } = await connect(url);
  const connection = connectionTo(url);
  const queue = new Queue<JobData, JobResult>(queueName, { connection });
  const events = new QueueEvents(queueName, { connection });
  const close = () => Promise.all([queue.close(), events.close()]);
  try {
    events.setMaxListeners(0);
    await events.waitUntilReady();
    const jobs: [Group, Job<JobData, JobResult>][] = [];
    for (const group of groups) {
      const data = { config, inputs, group };
      const id = jobId(data);
      const old = await queue.getJob(id);
      if (old && (await old.isFailed())) await old.remove();
      jobs.push([group, await queue.add(group.id, data, { jobId: id })]);
    }
    await Promise.all(
      jobs.map(async ([group, job]) => {
        try {
          const result = await job.waitUntilFinished(events);
          signal.throwIfAborted();
          await keepResult(folder, result);
          await job.remove();
          onDone(group.id);
        } catch (error) {
          signal.throwIfAborted();
          onFailed(group.id, (error as Error).message);
        }
      }),
    );
  } finally {
    await close();
  }
}

/** What `workOnQueue` is told. */
export interface QueueWorkerOptions {
  readonly url: string;
  /** Seconds without a sign of life after which another worker takes over. */
  readonly lock: number;
  readonly signal: AbortSignal;
  /** Opens what a job names; called for each job. */
  open(config: EvaluationConfig): Promise<Evaluation>;
  say(line: string): void;
}

/** Restores a group in a folder of its own, and gives the files. */
async function doJob(
  { data }: Job<JobData>,
  { open, signal }: QueueWorkerOptions,
): Promise<JobResult> {
  const evaluation = await open(data.config);
  checkSameInputs('the queue', data.inputs, evaluation.inputs);
  const folder = await mkdtemp(join(tmpdir(), 'spgd-job-'));
  try {
    await restoreGroup(folder, evaluation, data.group, signal);
    const files = await filesBelow(folder);
    const read = files.map(async (path) => [path, await readFile(join(folder, path), 'base64')]);
    return Object.fromEntries(await Promise.all(read));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Takes groups from the queue, one at a time, until `signal` aborts. */
export async function workOnQueue(options: QueueWorkerOptions): Promise<void> {
  const { url, lock, signal, say } = options;
  const { Worker } = await connect(url);
  const worker = new Worker<JobData, JobResult>(queueName, (job) => doJob(job, options), {
    connection: connectionTo(url),
    lockDuration: lock * 1000,
    stalledInterval: lock * 1000,
    maxStalledCount,
  });
  worker.on('active', ({ name }) => say(`begun: ${name}`));
  worker.on('completed', ({ name }) => say(`done: ${name}`));
  worker.on('failed', (job, error) => say(`failed: ${job?.name ?? 'a job'}: ${error.message}`));
  worker.on('error', (error) => say(`queue: ${error.message || error.name}`));
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve());
  });
  await worker.close(true);
}
