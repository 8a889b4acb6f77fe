/**
 * Speed and memory of the gradient path, beside PyTorch and beside the convolutions alone:
 *
 *   npm run build && npm run bench -- --python python3
 *
 * Each measurement is a process of its own; a round takes each case once, so that what compares is
 * interleaved. On processors the seconds are those that the process took of them, so that others on the
 * machine hardly count; `--through` keeps all to one core. Every measurement is a line of
 * bench/measurements.jsonl, and bench/RESULTS.md is written from all of them. `--rounds 0` only writes
 * it anew.
 */
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import type { BackendName } from 'spgd/node';
import { byComma } from './arguments';
import type { Case, Line } from './speed/measured';
import { resultsPage } from './speed/results';
import { runCase } from './speed/run-case';
import { sections } from './speed/sections';

const place = (file: string) => fileURLToPath(new URL(file, import.meta.url));

const options = new Command()
  .option('--sections <list>', Object.keys(sections).join(','), byComma, Object.keys(sections))
  .option('--subjects <list>', 'prior64,light,ffhq256,imagenet256', byComma, [
    'prior64',
    'light',
    'ffhq256',
  ])
  .option('--backends <list>', 'backends of TensorFlow.js', byComma, ['tfjs-node', 'wasm'])
  .option('--ways <list>', 'only these ways of each section', byComma)
  .option('--sizes <list>', 'only these sides and batches, e.g. 64x1,256x8', byComma)
  .option('--rounds <n>', 'how often each case is measured', Number, 3)
  .option('--python <path>', 'a Python that has PyTorch', 'python3')
  .option('--through <command>', 'what stands before each command', 'taskset -c 0')
  .option('--again', 'forget the measurements there are')
  .parse()
  .opts();

const record = place('measurements.jsonl');
if (options.again) rmSync(record, { force: true });
const bundle = place('../out/bench/case.mjs');
const settings =
  '--bundle --platform=node --format=esm --log-level=error --external:spgd --external:spgd/*';
execFileSync(
  'npx',
  [
    'esbuild',
    place('speed/case.ts'),
    ...settings.split(' '),
    '--external:@tensorflow/*',
    `--outfile=${bundle}`,
  ],
  { stdio: 'inherit' },
);
const launch = {
  python: options.python,
  through: options.through.split(' ').filter(Boolean),
  bundle,
};
const skipped = new Map<string, string>();

function measure(section: string, one: Case): void {
  const title = Object.values(one).join(' ');
  const kind = [one.way, one.backend, one.subject, one.precision].filter(Boolean).join(' ');
  if (skipped.has(kind)) return;
  const result = runCase(one, launch);
  if ('reason' in result) {
    skipped.set(kind, result.reason);
    console.log(`${title}: skipped, ${result.reason}`);
    return;
  }
  const { gradient, peak } = result.measured;
  const seconds = Math.min(...gradient).toFixed(3);
  console.log(`${title}: ${seconds} s, ${(peak / 2 ** 20).toFixed(0)} MiB`);
  appendFileSync(record, `${JSON.stringify({ section, ...result })}\n`);
}

for (let round = 0; round < options.rounds; round++) {
  for (const section of options.sections as string[]) {
    const cases = sections[section]!({
      backends: options.backends as BackendName[],
      subjects: options.subjects,
    });
    const chosen = (list: readonly string[] | undefined, one: string) =>
      !list || list.includes(one);
    const wanted = cases.filter(
      ({ way, side, batch }) =>
        chosen(options.ways, way) && chosen(options.sizes, `${side}x${batch}`),
    );
    for (const one of wanted) measure(section, one);
  }
}

const lines: Line[] = existsSync(record)
  ? readFileSync(record, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
  : [];
writeFileSync(place('RESULTS.md'), resultsPage(lines, skipped));
