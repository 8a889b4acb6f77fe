import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { CotangentMessage, ReplyMessage, TaskMessage, WorkerFailure } from './worker-messages';

/** Passes over groups of a batch, shared out to threads; each blocks until all is done. */
export interface GroupPool {
  denoise(groups: readonly Tensor4D[], sigma: number): Tensor4D[];
  /** `cotangentsOf` is called once, when all groups are denoised. */
  vjp(
    groups: readonly Tensor4D[],
    sigma: number,
    cotangentsOf: (denoised: Tensor4D[]) => Tensor4D[],
  ): { denoised: Tensor4D[]; gradients: Tensor4D[] };
}

/** How long one group may take before its worker is given up, in milliseconds. */
const patience = 60 * 60 * 1000;

/** An error of a worker, as it was thrown there. */
export const failureOf = ({ name, message }: WorkerFailure): Error =>
  Object.assign(new Error(message), { name });

/** What a port is sent next, or nothing; and what becomes of its reply. */
interface Round {
  next(place: number): TaskMessage | CotangentMessage | undefined;
  take(place: number, reply: Done): void;
}

type Done = Extract<ReplyMessage, { values: unknown }>;

/** Shares groups out to workers; this thread sleeps until all replies of a round are there. */
export function groupsOver(ports: readonly MessagePort[], control: Int32Array): GroupPool {
  let run = 0;
  const send = (place: number, message: TaskMessage | CotangentMessage) => {
    ports[place]!.postMessage(message);
    Atomics.add(control, 1 + ports.length + place, 1);
    Atomics.notify(control, 1 + ports.length + place);
  };
  const play = ({ next, take }: Round): void => {
    let busy = 0;
    let failed: Error | undefined;
    const hand = (place: number) => {
      const message = failed ? undefined : next(place);
      if (!message) return;
      send(place, message);
      busy++;
    };
    const receive = (place: number, reply: ReplyMessage) => {
      if (reply.run !== run) return;
      busy--;
      if ('error' in reply) failed ??= failureOf(reply.error);
      else take(place, reply);
      hand(place);
    };
    for (const place of ports.keys()) hand(place);
    while (busy > 0) {
      const seen = Atomics.load(control, 0);
      const replies = ports.flatMap((port, place) => {
        const reply = receiveMessageOnPort(port)?.message as ReplyMessage | undefined;
        return reply ? [{ place, reply }] : [];
      });
      for (const { place, reply } of replies) receive(place, reply);
      if (replies.length === 0) sleep(control.subarray(0, 1 + ports.length), seen);
    }
    if (failed) throw failed;
  };

  const taskOf = (groups: readonly Tensor4D[], id: number, sigma: number): TaskMessage => {
    const { shape } = groups[id]!;
    return { run, id, sigma, shape, x: groups[id]!.dataSync<'float32'>() };
  };
  const tensorsOf = (groups: readonly Tensor4D[], values: readonly Float32Array[]) =>
    groups.map(({ shape }, id) => tf.tensor4d(values[id]!, shape));

  return {
    denoise(groups, sigma) {
      run++;
      const values: Float32Array[] = [];
      const left = [...groups.keys()];
      play({
        next: () => (left.length > 0 ? taskOf(groups, left.shift()!, sigma) : undefined),
        take: (_, reply) => {
          values[reply.id] = reply.values;
        },
      });
      return tensorsOf(groups, values);
    },
    vjp(groups, sigma, cotangentsOf) {
      run++;
      const values: Float32Array[] = [];
      const left = [...groups.keys()];
      const again: number[] = [];
      /** Groups that wait in each worker, the last on top. */
      const waiting = ports.map((): number[] => []);
      const hasRoom = ports.map(() => true);
      try {
        play({
          next: (place) =>
            left.length > 0
              ? { ...taskOf(groups, left.shift()!, sigma), waits: hasRoom[place]! }
              : undefined,
          take: (place, reply) => {
            values[reply.id] = reply.values;
            (hasRoom[place] ? waiting[place]! : again).push(reply.id);
            hasRoom[place] &&= reply.hasRoom === true;
          },
        });
        const denoised = tensorsOf(groups, values);
        const cotangents = cotangentsOf(denoised);
        const cotangent = (id: number) => cotangents[id]!.dataSync<'float32'>();
        play({
          next: (place) => {
            const last = waiting[place]!.pop();
            if (last !== undefined) return { later: cotangent(last) };
            const id = again.shift();
            return id === undefined
              ? undefined
              : { ...taskOf(groups, id, sigma), cotangent: cotangent(id) };
          },
          take: (_, reply) => {
            values[reply.id] = reply.values;
          },
        });
        return { denoised, gradients: tensorsOf(groups, values) };
      } finally {
        // After an error: those that still wait are sent away.
        for (const [place, ids] of waiting.entries())
          for (const _ of ids) send(place, { later: null });
      }
    },
  };
}

/** Sleeps until a worker has something to tell. */
function sleep(control: Int32Array, seen: number): void {
  const ended = control.subarray(1).some((_, i) => Atomics.load(control, 1 + i) !== 0);
  if (ended)
    throw new Error('workerDenoiser: a worker ended; lower batch or workers if memory ran out');
  if (Atomics.wait(control, 0, seen, patience) === 'timed-out')
    throw new Error('workerDenoiser: a worker does not answer');
}
