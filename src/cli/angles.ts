import { stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Command } from 'commander';
import { type InverseProblem, loadDenoiser, measure, type StepInfo, sample } from 'spgd';
import { type BackendName, readImage, useBackend } from 'spgd/node';
import {
  chooseSettings,
  noiseOf,
  type Settings,
  samplerNamed,
  scheduleOf,
  tasks,
} from 'spgd/tasks';
import { chart } from './chart';
import { interruptible } from './interrupt';
import { modelSource } from './model-source';
import { say } from './one-line';
import { photoNames, photoPath } from './photo';
import { showProgress } from './progress';
import { flag, integer, side } from './rules';
import { backendOption, modelText, taskList, taskOption } from './shared-options';
import { trackAngles } from './track-angles';

/** Options of `spgd angles`, as the command line gives them. */
interface AnglesOptions {
  readonly photo: string;
  readonly task: string;
  readonly size: number;
  readonly sampler: string;
  readonly against: string;
  readonly gradients: number;
  readonly seed: number;
  readonly backend: BackendName | 'auto';
  readonly model?: string;
  readonly out: string;
}

/** `RangeError: angles: option must be rule, got value`, unless `valid`. */
function check(valid: boolean, option: string, rule: string, value: unknown): void {
  if (!valid) throw new RangeError(`angles: ${option} must be ${rule}, got ${value}`);
}

/** Degrees, one number for each gradient. */
interface Angles {
  readonly between: number[];
  readonly likelihood: number[];
  readonly prior: number[];
}

/** Titles of the curves. */
const titles: Readonly<Record<keyof Angles, string>> = {
  between: 'between likelihood and prior',
  likelihood: 'likelihood, to the previous gradient',
  prior: 'prior, to the previous gradient',
};

/** The angles of a run, gradient by gradient. */
async function anglesOf(
  problem: InverseProblem,
  sampler: string,
  { settings, seed, signal }: { settings: Settings; seed: number; signal: AbortSignal },
): Promise<Angles> {
  const found: Angles = { between: [], likelihood: [], prior: [] };
  const tracker = trackAngles(problem.denoiser);
  const progress = showProgress(process.stderr, signal, { unit: `${sampler}, step` });
  const onStep = async (step: StepInfo) => {
    progress.report(step);
    for (const reading of await tracker.take())
      for (const key of Object.keys(found) as (keyof Angles)[])
        if (reading[key]) found[key].push(reading[key][0]!);
  };
  try {
    const traced = { ...problem, denoiser: tracker.denoiser };
    const run = { schedule: scheduleOf(settings), seed, signal, onStep };
    (await sample(samplerNamed(sampler, settings), traced, run)).sample.dispose();
    return found;
  } finally {
    progress.stop();
    tracker.dispose();
  }
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

const style =
  'text{font:12px sans-serif;fill:#333}.title{font-weight:bold}.grid{stroke:#ddd}' +
  'path{fill:none}.thin{stroke:#c44;stroke-width:1.2}.bold{stroke:#26a;stroke-width:2}';

/** Three charts side by side, the first run thick and blue, the other thin and red. */
function picture(heading: string, first: Angles, other: Angles): string {
  const charts = (Object.keys(titles) as (keyof Angles)[]).map((key, i) => {
    const curves = [{ values: first[key], bold: true }, { values: other[key] }];
    return `<g transform="translate(${i * 370} 24)">${chart(`${titles[key]} (°)`, curves)}</g>`;
  });
  return (
    '<svg xmlns="http://www.w3.org/2000/svg" width="1110" height="230">' +
    `<title>${heading}</title><style>${style}</style><rect width="100%" height="100%" fill="#fff"/>` +
    `<text x="46" y="18">${heading}</text>${charts.join('')}</svg>\n`
  );
}

/** Settings with as many steps as take this number of gradients. */
function withGradients(settings: Settings, sampler: string, gradients: number): Settings {
  const perStep = /^spgd(:|$)/.test(sampler) ? (settings.warmupSteps ?? 5) : 1;
  check(perStep > 0, 'warmupSteps', '> 0', perStep);
  return { ...settings, steps: Math.max(2, Math.round(gradients / perStep)) };
}

/** Plots the angles between gradients over two runs of one task, as figure 1 of the SPGD paper. */
async function angles(options: AnglesOptions, signal: AbortSignal): Promise<void> {
  const { task: name, size, seed, out, gradients } = options;
  check(/\.svg$/i.test(out), 'out', 'a file name that ends with .svg', out);
  const folder = await stat(dirname(out)).catch(() => undefined);
  check(!!folder?.isDirectory(), 'out', 'in an existing folder', out);
  const { name: backend, reason } = await useBackend(options.backend);
  say(`backend: ${backend} (${reason})`);
  const task = tasks[name]!;
  const clean = await readImage(photoPath(options.photo), { size: [size, size] });
  const operator = task.operator({ height: size, width: size }, { seed });
  const noise = noiseOf(task);
  const measurement = measure(operator, clean, noise, { seed });
  const denoiser = await loadDenoiser(modelSource(options.model));
  const problem = { denoiser, operator, measurement, noise };
  const runs: Angles[] = [];
  for (const sampler of [options.sampler, options.against]) {
    const { settings: preset } = chooseSettings(name, sampler, denoiser.metadata);
    const settings = withGradients(preset, sampler, gradients);
    const run = await anglesOf(problem, sampler, { settings, seed, signal });
    const rule = 'a sampler that takes gradients through the network';
    check(run.between.length > 1, 'sampler', rule, sampler);
    runs.push(run);
    for (const [key, title] of Object.entries(titles))
      say(`${sampler}: ${title}, mean ${mean(run[key as keyof Angles]).toFixed(1)}°`);
  }
  const heading = `${name}: thick ${options.sampler}, thin ${options.against}; by gradient`;
  await writeFile(out, picture(heading, runs[0]!, runs[1]!));
  say(`wrote ${out}`);
}

/** `spgd angles`. */
export function addAngles(program: Command): void {
  program
    .command('angles')
    .description('plot the angles between likelihood and prior gradients over two runs of a task')
    .option('--photo <path>', `an image file, or one of ${photoNames.join(', ')}`, photoNames[0])
    .addOption(taskOption('what to undo').default('gaussian-blur'))
    .option('--size <pixels>', 'height and width to work at', flag(side), 64)
    .option('--sampler <name>', 'the thick curves: spgd, spgd:NAME or NAME', 'spgd')
    .option('--against <name>', 'the thin curves', 'dps')
    .option('--gradients <n>', 'gradients of each run, >= 2', flag(integer(2)), 60)
    .option('--seed <n>', 'any integer', flag(integer(-Infinity)), 0)
    .addOption(backendOption())
    .option('--model <url-or-path>', modelText)
    .option('--out <file>', 'picture to write: .svg', 'spgd-angles.svg')
    .addHelpText('after', `\nTasks:\n${taskList}`)
    .action((options: AnglesOptions) => interruptible((signal) => angles(options, signal)));
}
