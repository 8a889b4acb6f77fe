/**
 * One table of samplers by tasks from the lines of JSON that `bench:restore --json` prints:
 *
 *   npm run bench:restore -- --photos folder --json > rows.txt
 *   npm run bench:matrix -- --metric psnr < rows.txt
 */
import { createInterface } from 'node:readline';
import { Command, Option } from 'commander';
import { mean, type Outcome } from './trial';

const { metric } = new Command()
  .addOption(
    new Option('--metric <name>', 'what stands in the cells')
      .choices(['psnr', 'ssim', 'seconds', 'passes'])
      .default('psnr'),
  )
  .parse()
  .opts();

/** A line of JSON: what one sampler did on one task. */
type Row = Outcome & {
  readonly task: string;
  readonly name: string;
  readonly runs?: number;
  readonly forward: number;
  readonly gradient: number;
};

const cells: Readonly<Record<string, (row: Row) => string>> = {
  psnr: ({ psnr }) => mean(psnr).toFixed(2),
  ssim: ({ ssim }) => mean(ssim).toFixed(3),
  seconds: ({ seconds, psnr }) => (seconds / psnr.length).toFixed(2),
  passes: ({ forward, gradient, runs = 1 }) =>
    `${Math.round(forward / runs)} + ${Math.round(gradient / runs)}`,
};

const byName = new Map<string, Map<string, string>>();
const tasks = new Set<string>();
for await (const line of createInterface({ input: process.stdin })) {
  if (!line.startsWith('{')) continue;
  const row: Row = JSON.parse(line);
  if (row.psnr.length === 0 || (metric === 'passes' && row.runs === undefined)) continue;
  tasks.add(row.task);
  const failed = row.failures > 0 ? ` (${row.failures} failed)` : '';
  // Baselines have a name for each task, and one row.
  const name = row.runs === undefined && row.name !== 'measurement' ? 'simple baseline' : row.name;
  const cellsOfName = byName.get(name) ?? new Map<string, string>();
  byName.set(name, cellsOfName.set(row.task, `${cells[metric]!(row)}${failed}`));
}
const columns = [...tasks];
console.log(`| ${[metric, ...columns].join(' | ')} |`);
console.log(`|---|${'---|'.repeat(columns.length)}`);
for (const [name, row] of byName)
  console.log(`| ${[name, ...columns.map((task) => row.get(task) ?? '–')].join(' | ')} |`);
