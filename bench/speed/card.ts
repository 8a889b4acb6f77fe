/**
 * What a graphics card gives: operators, networks and a run against other backends, the released code
 * and PyTorch; then seconds, beside PyTorch on the same card. Writes one JSON, anew after each part, and
 * ends with what failed. bench/webgpu.sh and bench/cuda.sh start it.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs';
import { type BackendName, useBackend } from 'spgd/node';
import {
  type Agreement,
  numbersOn,
  withFixtures,
  withJavaScript,
} from '../../test/support/agreements';
import { relativeError } from '../../test/support/close';
import type { Case, Measured } from './measured';
import { processor, runCase } from './run-case';
import { sections } from './sections';

const text = (value: string) => ({ type: 'string', default: value }) as const;
const { values: options } = parseArgs({
  options: {
    backend: text('webgpu'),
    out: text('card.json'),
    python: text('python3'),
    minutes: text('7'),
    parts: text('agreements,seconds'),
    subjects: text('prior64,light,ffhq256'),
    sizes: text('64x1,64x8,256x1,256x8'),
  },
});
const ends = performance.now() + 60_000 * Number(options.minutes);
const backend = options.backend as BackendName;

const report = {
  backend,
  device: '',
  processor: processor(),
  node: process.versions.node,
  torch: {} as { version?: string; device?: string },
  agreements: [] as { name: string; error: number; most: number }[],
  seconds: [] as { case: Case; measured: Measured }[],
  failed: [] as string[],
};
const save = () => writeFileSync(options.out, `${JSON.stringify(report, undefined, 1)}\n`);
const fail = (what: string, why: unknown) => {
  report.failed.push(`${what}: ${why instanceof Error ? why.message : why}`);
  console.log(`FAILED ${report.failed.at(-1)}`);
  save();
};

async function agree(one: Agreement, name: string): Promise<void> {
  try {
    if (performance.now() > ends) throw new Error('no time was left');
    const expected = one.expected ?? (await numbersOn('cpu', one));
    const error = relativeError(await numbersOn(name, one), expected);
    report.agreements.push({ name: one.name, error, most: one.most });
    if (!(error < one.most)) throw new Error(`an error of ${error}, at most ${one.most}`);
    console.log(`${one.name}: ${error.toExponential(1)}`);
  } catch (error) {
    fail(one.name, error);
  }
  save();
}

/** What PyTorch would compute on. */
function askTorch(): { version?: string; device?: string } {
  const code =
    'import json, torch; c = torch.cuda; print(json.dumps({"version": torch.__version__,' +
    '"device": c.get_device_name() if c.is_available() else "cpu"}))';
  const { stdout, stderr, error } = spawnSync(options.python, ['-c', code], { encoding: 'utf8' });
  if (stdout?.startsWith('{')) return JSON.parse(stdout);
  fail('PyTorch', error ?? stderr.trim().split('\n').at(-1));
  return {};
}

function measure(): void {
  report.torch = askTorch();
  const cuda = ![undefined, 'cpu'].includes(report.torch.device);
  const ways = ['library', 'floor', ...(report.torch.version ? ['torch-frozen'] : [])];
  const cases = sections.speed!({
    backends: [backend],
    subjects: options.subjects.split(','),
    ...(cuda && { device: 'cuda' }),
  }).filter(
    ({ way, side, batch, precision }) =>
      !precision && ways.includes(way) && options.sizes.split(',').includes(`${side}x${batch}`),
  );
  for (const one of cases) {
    const title = [one.subject, `${one.side}x${one.batch}`, one.way].join(' ');
    // A case that does not end leaves time for others.
    const milliseconds = Math.floor((ends - performance.now()) / 2);
    const result =
      milliseconds > 1000
        ? runCase(one, { python: options.python, through: [], milliseconds })
        : { reason: 'no time was left' };
    if ('reason' in result) {
      fail(title, result.reason);
      continue;
    }
    report.seconds.push({ case: one, measured: result.measured });
    const { forward, gradient } = result.measured;
    console.log(`${title}: ${Math.min(...forward)} s, gradient ${Math.min(...gradient)} s`);
    save();
  }
}

try {
  const { name, device } = await useBackend(backend);
  report.device = device ?? name;
  console.log(report.device);
  const started = tf.getBackend();
  const parts = options.parts.split(',');
  if (parts.includes('agreements'))
    for (const one of [...withFixtures(), ...withJavaScript]) await agree(one, started);
  if (parts.includes('seconds')) measure();
} catch (error) {
  fail(backend, error);
}
save();
const { failed } = report;
console.log(failed.length > 0 ? `failed:\n${failed.join('\n')}` : 'nothing failed');
process.exit(failed.length > 0 ? 1 : 0);
