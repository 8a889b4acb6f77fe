import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Job, QueueEvents } from 'bullmq';
import * as v from 'valibot';
import { parseJson } from '../rules';
import { computedOf } from './config';
import { checkSameInputs, type Evaluation } from './evaluation';
import { exists, write } from './files';
import { filesOf, type Group, groupsOf } from './plan';
import { connect, connectionTo, queueName, type Server, sayLosses } from './queue-server';
import { restoreGroup } from './restore-group';
import { type Computed, computedRule, inputsRule, recordRule } from './saved';
import { type Sealed, seal, unseal } from './seal';

/** What a job carries: all but photos and weights, which each machine has and proves by digest. */
const jobRule = v.strictObject({ config: computedRule, inputs: inputsRule, group: v.string() });

type JobData = v.InferOutput<typeof jobRule>;

/** The files of a group by their path, as base64. */
const resultRule = v.record(v.string(), v.string());

type JobResult = Readonly<v.InferOutput<typeof resultRule>>;

/** How often a group may take its worker down with it before it counts as failed. */
const maxStalledCount = 3;

/** The same group of the same evaluation has the same id, so that it is never queued twice. */
const jobId = ({ config, inputs, group }: JobData): string => {
  const hash = createHash('sha256').update(JSON.stringify([config, inputs]));
  return `${hash.digest('hex').slice(0, 16)}-${group}`;
};

/**
 * Writes what a worker made into the folder, records last: they say that an item is done. Rejects a
 * result with files that were not asked for, or without a record for each item.
 */
async function keepResult(folder: string, config: Computed, group: Group, result: JobResult) {
  const { files, records } = filesOf(config, group);
  const planned = [...files, ...records];
  const stray = Object.keys(result).find((path) => !planned.includes(path));
  if (stray !== undefined)
    throw new Error(`the result must hold only files that were asked for, got ${stray}`);
  const bytes = new Map(planned.map((path) => [path, result[path]] as const));
  for (const [i, path] of records.entries()) {
    const text = bytes.get(path);
    if (text === undefined) throw new Error(`the result must hold ${path}, got nothing`);
    const record = parseJson(Buffer.from(text, 'base64').toString(), recordRule, path);
    const { index, name } = group.photos[i]!;
    const isOfItem = record.index === index && record.photo === name;
    if (!isOfItem || record.task !== group.task || record.run !== group.run)
      throw new Error(`${path}: must be the record of ${name}, got another`);
  }
  for (const [path, text] of bytes)
    if (text !== undefined) await write(join(folder, path), Buffer.from(text, 'base64'));
}

/** Options of `evaluateByQueue`. */
export interface QueueOptions extends Server {
  onDone(id: string): void;
  onFailed(id: string, reason: string): void;
}

/** The result of a job, which is added again where the server came back without it. */
async function resultOf(
  job: Job<Sealed, Sealed>,
  events: QueueEvents,
  add: () => Promise<unknown>,
): Promise<Sealed> {
  for (;;) {
    try {
      return await job.waitUntilFinished(events);
    } catch (error) {
      // What BullMQ says of a job that its server does not know; it exports no code for it.
      if (!(error as Error).message.startsWith('Missing key for job')) throw error;
      await add();
    }
  }
}

/**
 * Puts groups into the queue, and writes what the workers make of them into `folder`. A result stays
 * in the queue until it is written, so that this may be killed and started again. A server that comes
 * back without its jobs gets those again that have no result.
 */
export async function evaluateByQueue(
  folder: string,
  { config, inputs }: Evaluation,
  groups: readonly Group[],
  options: QueueOptions,
): Promise<void> {
  const { url, signal, onDone, onFailed, say } = options;
  const { Queue, QueueEvents } = await connect(options);
  const computed = computedOf(config);
  const connection = connectionTo(url);
  const queue = new Queue<Sealed, Sealed>(queueName, { connection });
  const events = new QueueEvents(queueName, { connection });
  const close = () => Promise.all([queue.close(), events.close()]);
  sayLosses([queue, events], say);
  try {
    events.setMaxListeners(0);
    await events.waitUntilReady();
    const jobs: [Group, Job<Sealed, Sealed>][] = [];
    const unfinished = new Map<string, () => Promise<Job<Sealed, Sealed>>>();
    for (const group of groups) {
      const data = { config: computed, inputs, group: group.id };
      const id = jobId(data);
      const old = await queue.getJob(id);
      if (old && (await old.isFailed())) await old.remove();
      const add = () => queue.add(group.id, seal(`job ${id}`, data), { jobId: id });
      unfinished.set(id, add);
      jobs.push([group, await add()]);
    }
    // A job that is still in the queue is not added twice.
    const addAgain = () => Promise.all([...unfinished.values()].map((add) => add()));
    queue.getBackend().on('ready', () => addAgain().catch(() => {}));
    await Promise.all(
      jobs.map(async ([group, job]) => {
        try {
          const sent = await resultOf(job, events, unfinished.get(job.id!)!);
          unfinished.delete(job.id!);
          signal.throwIfAborted();
          const result = unseal(`result ${job.id}`, sent, resultRule);
          await keepResult(folder, computed, group, result);
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

/** Options of `workOnQueue`. */
export interface QueueWorkerOptions extends Server {
  /** Seconds without a sign of life after which another worker takes over. */
  readonly lock: number;
  /** Opens what this machine has for a job; called for each job. */
  open(config: Computed): Promise<Evaluation>;
}

/** Restores a group in a folder of its own, and gives the files; a job names nothing that is opened. */
async function doJob(
  { id, data }: Job<Sealed>,
  { open, signal }: QueueWorkerOptions,
): Promise<Sealed> {
  const job = unseal(`job ${id}`, data, jobRule);
  const evaluation = await open(job.config);
  checkSameInputs('the queue', job.inputs, evaluation.inputs);
  const groups = groupsOf(job.config, evaluation.inputs.photos);
  const group = groups.find((one) => one.id === job.group);
  if (!group) throw new Error(`job ${id}: group must be one of the evaluation, got ${job.group}`);
  const folder = await mkdtemp(join(tmpdir(), 'spgd-job-'));
  try {
    await restoreGroup(folder, evaluation, group, signal);
    const { files, records } = filesOf(job.config, group);
    const result: Record<string, string> = {};
    for (const path of [...files, ...records])
      if (await exists(join(folder, path)))
        result[path] = await readFile(join(folder, path), 'base64');
    return seal(`result ${id}`, result);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Takes groups from the queue, one at a time, until `signal` aborts. */
export async function workOnQueue(options: QueueWorkerOptions): Promise<void> {
  const { url, lock, signal, say } = options;
  const { Worker } = await connect(options);
  const worker = new Worker<Sealed, Sealed>(queueName, (job) => doJob(job, options), {
    connection: connectionTo(url),
    lockDuration: lock * 1000,
    stalledInterval: lock * 1000,
    maxStalledCount,
  });
  worker.on('active', ({ name }) => say(`begun: ${name}`));
  worker.on('completed', ({ name }) => say(`done: ${name}`));
  worker.on('failed', (job, error) => say(`failed: ${job?.name ?? 'a job'}: ${error.message}`));
  sayLosses([worker], say);
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve());
  });
  await worker.close(true);
}
