import { fork } from 'node:child_process';
import { once } from 'node:events';
import { flagOf, type GivenOptions } from './options';

/** Which processes are started. */
export interface ProcessOptions {
  readonly folder: string;
  readonly count: number;
  readonly shard?: string;
  /** Where each process finds photos, models and metrics. */
  readonly places: Pick<GivenOptions, 'photos' | 'model' | 'blurModel' | 'lpips' | 'metric'>;
  /** Graphics cards, which the processes take in turn. */
  readonly gpu?: readonly number[];
  readonly signal: AbortSignal;
  /** Called with the id of a group that one of them found done or has done. */
  onDone(id: string): void;
}

/**
 * Runs `count` times `spgd worker <folder>` to their end. They share the work by their claims. A
 * process that dies is no loss as long as another one lives: it takes over what was begun.
 */
export async function runProcesses(options: ProcessOptions): Promise<void> {
  const { folder, count, shard, gpu, signal, onDone, places } = options;
  const args = ['worker', folder, ...(shard ? ['--shard', shard] : [])];
  for (const key of ['photos', 'model', 'blurModel', 'lpips'] as const)
    if (places[key] !== undefined) args.push(flagOf(key).long!, places[key]);
  if (places.metric?.length) args.push('--metric', places.metric.join(','));
  const ends = Array.from({ length: count }, async (_, i) => {
    const card = gpu && { CUDA_VISIBLE_DEVICES: String(gpu[i % gpu.length]) };
    const child = fork(process.argv[1]!, args, {
      env: { ...process.env, ...card },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      signal,
      killSignal: 'SIGTERM',
    });
    child.on('message', (id) => onDone(String(id)));
    // An abort arrives as an error of the child; the caller learns of it by its own signal.
    const end = once(child, 'close').catch(() => [null]);
    return (await end)[0] as number | null;
  });
  const codes = await Promise.all(ends);
  signal.throwIfAborted();
  if (codes.every((code) => code !== 0))
    throw new Error(`evaluate: no worker came to its end (exit codes ${codes.join(', ')})`);
}
