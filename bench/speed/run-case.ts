import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Case, Line, Measured } from './measured';
import { subjects } from './networks';

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** How a case is started. */
export interface Launch {
  /** A Python that has PyTorch. */
  readonly python: string;
  /** What stands before each command, e.g. `taskset -c 0,1`. */
  readonly through: readonly string[];
  /** `case.ts` bundled, so that no compiler takes memory beside it. */
  readonly bundle?: string;
  /** The time it may take. */
  readonly milliseconds?: number;
}

function commandOf(one: Case, { python, bundle }: Launch): string[] {
  const json = JSON.stringify(one);
  if (one.way.startsWith('torch'))
    return [python, here('torch_case.py'), json, JSON.stringify(subjects[one.subject]!.torch)];
  const sources = import.meta.url.endsWith('.ts')
    ? ['--import', 'tsx', here('case.ts')]
    : undefined;
  const script = bundle ? [bundle] : (sources ?? [here('case.mjs')]); // For a machine without sources
  return [process.execPath, '--expose-gc', ...script, json];
}

/** Runs one case in a process of its own, or says why it cannot. */
export function runCase(one: Case, launch: Launch): Omit<Line, 'section'> | { reason: string } {
  const [command, ...rest] = [...launch.through, ...commandOf(one, launch)];
  const { stdout, stderr, error } = spawnSync(command!, rest, {
    encoding: 'utf8',
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' },
    ...(launch.milliseconds && { timeout: launch.milliseconds }),
  });
  const last = stdout?.trim().split('\n').at(-1);
  if (!last?.startsWith('{')) {
    const lines = (stderr ?? '').split('\n').filter((line) => /Error/.test(line));
    return { reason: (error?.message ?? lines.at(-1) ?? 'it printed nothing').trim() };
  }
  return { case: one, measured: JSON.parse(last) as Measured, date: new Date().toISOString() };
}

/** The processor, as Linux describes it. */
export function processor(): string {
  const { model } = cpus()[0]!;
  const info = readFileSync('/proc/cpuinfo', 'utf8');
  const has = ['avx512_bf16', 'amx_bf16', 'avx512f', 'avx2'].filter((flag) => info.includes(flag));
  return has.length > 0 ? `${model} with ${has.join(', ')}` : model;
}
