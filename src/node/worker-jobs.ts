import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type {
  BackwardMessage,
  ForwardMessage,
  ReplyMessage,
  SentTensor,
  WorkerFailure,
} from './worker-messages';

/** Something to ask of a worker. */
export interface WorkerJob {
  readonly id: number;
  /** The place of the worker that must do it; any worker where it is left out. */
  readonly place?: number;
  /** Makes the message, once a worker is free for it. */
  message(): ForwardMessage | BackwardMessage;
}

/** The result of a job, and the place of the worker that did it. */
export interface JobResult {
  readonly place: number;
  readonly result: SentTensor;
}

/** How long to wait for one job before giving its worker up, in milliseconds. */
const patience = 60 * 60 * 1000;

/** An error of a worker, as it was thrown there. */
export const failureOf = ({ name, message }: WorkerFailure): Error =>
  Object.assign(new Error(message), { name });

/**
 * Shares jobs among workers, one at a time each, and blocks this thread until all are done. When a job
 * fails, it starts no more, awaits those that run, and throws the error of that job.
 */
export function runJobs(
  ports: readonly MessagePort[],
  control: Int32Array,
  jobs: readonly WorkerJob[],
): JobResult[] {
  const left = [...jobs.keys()];
  const results: JobResult[] = [];
  const running = new Map<number, number>();
  let failure: Error | undefined;

  const start = (place: number) => {
    const next = left.findIndex((index) => (jobs[index]!.place ?? place) === place);
    if (failure || next < 0) return;
    const [index] = left.splice(next, 1) as [number];
    ports[place]!.postMessage(jobs[index]!.message());
    running.set(place, index);
  };
  const finish = (place: number, reply: ReplyMessage) => {
    const index = running.get(place);
    // A reply to another id belongs to a call that gave up.
    if (index === undefined || jobs[index]!.id !== reply.id) return;
    running.delete(place);
    if ('error' in reply) failure ??= failureOf(reply.error);
    else results[index] = { place, result: reply.result };
    start(place);
  };

  for (const place of ports.keys()) start(place);
  while (running.size > 0) {
    const seen = Atomics.load(control, 0);
    const replies = ports.map((port) => receiveMessageOnPort(port)?.message as ReplyMessage);
    for (const [place, reply] of replies.entries()) if (reply) finish(place, reply);
    if (!replies.some(Boolean)) sleep(control, seen);
  }
  if (failure) throw failure;
  return results;
}

/** Sleeps until a worker sends a message. */
function sleep(control: Int32Array, seen: number): void {
  const hasEnded = control.subarray(1).some((_, i) => Atomics.load(control, 1 + i) !== 0);
  if (hasEnded)
    throw new Error('workerDenoiser: a worker ended; lower batch or workers if memory ran out');
  if (Atomics.wait(control, 0, seen, patience) === 'timed-out')
    throw new Error('workerDenoiser: a worker does not answer');
}
