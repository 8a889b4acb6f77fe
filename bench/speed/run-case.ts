import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseAdmConfig } from '../../src/models/networks/adm-config';
import type { Case, Line, Measured } from './measured';
import { subjects } from './networks';

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** How a case is started. */
export interface Launch {
  /** A Python that has PyTorch. */
  readonly python: string;
  /** What stands before each command, e.g. `taskset -c 0,1`. */
  readonly through: readonly string[];
}

/** The arguments of the U-Net of PyTorch. */
function torchSettings(subject: string) {
  const config = parseAdmConfig(subjects[subject]!.settings);
  return {
    channels: config.channels,
    mult: config.channelMult,
    blocks: config.resBlocks,
    attention: config.attentionFactors,
    head_channels: config.headChannels,
    out: config.learnSigma ? 2 * config.inChannels : config.inChannels,
  };
}

function commandOf(one: Case, { python }: Launch): string[] {
  const json = JSON.stringify(one);
  if (one.way.startsWith('torch'))
    return [python, here('torch_unet.py'), json, JSON.stringify(torchSettings(one.subject))];
  return [process.execPath, '--expose-gc', '--import', 'tsx', here('case.ts'), json];
}

/** Busy and all seconds of the cores since the machine started. */
function machineTime(): { busy: number; all: number } {
  const spent = cpus().map(({ times: { user, nice, sys, idle, irq } }) => {
    const busy = user + nice + sys + irq;
    return { busy, all: busy + idle };
  });
  const sum = (of: 'busy' | 'all') => spent.reduce((total, core) => total + core[of], 0) / 1000;
  return { busy: sum('busy'), all: sum('all') };
}

/** Seconds of the processor that ended children of this process have taken. */
function childrenTime(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

/** Runs one case in a process of its own, or says why it cannot. */
export function runCase(one: Case, launch: Launch): Omit<Line, 'section'> | { reason: string } {
  const [before, own] = [machineTime(), childrenTime()];
  const [command, ...rest] = [...launch.through, ...commandOf(one, launch)];
  const { stdout, stderr, error } = spawnSync(command!, rest, {
    encoding: 'utf8',
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' },
  });
  const after = machineTime();
  const last = stdout?.trim().split('\n').at(-1);
  if (!last?.startsWith('{')) {
    const lines = (stderr ?? '').split('\n').filter((line) => /Error/.test(line));
    return { reason: (error?.message ?? lines.at(-1) ?? 'it printed nothing').trim() };
  }
  const others = after.busy - before.busy - (childrenTime() - own);
  const elsewhere = Math.max(0, others / (after.all - before.all));
  const measured = JSON.parse(last) as Measured;
  return { case: one, measured, elsewhere, date: new Date().toISOString() };
}

/** The machine in words. */
export const machine = (): string => {
  const memory = /MemTotal:\s+(\d+)/.exec(readFileSync('/proc/meminfo', 'utf8'))![1];
  const gigabytes = Math.round(Number(memory) / 2 ** 20);
  const model = cpus()[0]?.model ?? 'unknown processor';
  return `${availableParallelism()} cores (${model}), ${gigabytes} GiB, Node ${process.versions.node}`;
};
