import { setTimeout as sleep } from 'node:timers/promises';
import type { ConnectionOptions, QueueBase } from 'bullmq';

/** The name of the one queue on a server. */
export const queueName = 'spgd';

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

/** A password in the environment need not stand in the address, which other users of a machine see. */
export function connectionTo(url: string): ConnectionOptions & { url: string } {
  const password = process.env.SPGD_QUEUE_PASSWORD;
  return { url, maxRetriesPerRequest: null, ...(password && { password }) };
}

/** A server, and how long to wait for it. */
export interface Server {
  readonly url: string;
  /** Seconds in which it must answer first. */
  readonly wait: number;
  readonly signal: AbortSignal;
  say(line: string): void;
}

/** Milliseconds between two attempts to reach a server that has not answered yet. */
const retryDelay = 250;

const reasonOf = (error: Error): string =>
  error.message || ((error as NodeJS.ErrnoException).code ?? error.name);

/** BullMQ, once the server has answered; one that is being started gets time for it. */
export async function connect({
  url,
  wait,
  signal,
  say,
}: Server): Promise<typeof import('bullmq')> {
  const bullmq = await loadBullmq();
  const probe = new bullmq.Queue(queueName, {
    connection: { ...connectionTo(url), retryStrategy: () => retryDelay },
  });
  let reason: string | undefined;
  probe.on('error', (error) => {
    if (reason === undefined) say(`queue: ${reasonOf(error)}; it is tried again for ${wait} s`);
    reason = reasonOf(error);
  });
  try {
    const ready = probe.waitUntilReady().then(() => true);
    const late = sleep(1000 * wait, false, { signal, ref: false });
    if (!(await Promise.race([ready, late]))) {
      reason ??= 'it accepts connections, and is silent';
      const address = url.replace(/\/\/[^@/]*@/, '//');
      throw new Error(`evaluate: no server answers at ${address} within ${wait} s: ${reason}`);
    }
    if (reason !== undefined) say('queue: connected');
  } finally {
    await probe.close().catch(() => {});
  }
  return bullmq;
}

/** Says a loss of the connection, once; it is made again, by itself. */
export function sayLosses(parts: readonly QueueBase[], say: (line: string) => void): void {
  let isLost = false;
  const onError = (error: Error) => {
    if (!isLost) say(`queue: ${reasonOf(error)}; it is tried again until it answers`);
    isLost = true;
  };
  for (const part of parts) part.on('error', onError);
  parts[0]!.getBackend().on('ready', () => {
    if (isLost) say('queue: connected again');
    isLost = false;
  });
}
