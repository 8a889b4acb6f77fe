import * as tf from '@tensorflow/tfjs';
import type { Command } from 'commander';
import { type ForwardOperator, loadDenoiser, measure, psnr, sample } from 'spgd';
import { type BackendName, checkImagePath, readImage, useBackend, writeImage } from 'spgd/node';
import {
  aligned,
  chooseSettings,
  noiseOf,
  samplerNamed,
  scheduleOf,
  type Task,
  tasks,
} from 'spgd/tasks';
import { comparison, type Panel } from './comparison';
import { interruptible } from './interrupt';
import { modelSource } from './model-source';
import { say } from './one-line';
import { photoNames, photoPath } from './photo';
import { showProgress } from './progress';
import { flag, side } from './rules';
import {
  backendOption,
  type MethodOptions,
  methodNamed,
  modelText,
  priorNamed,
  taskList,
  taskOption,
  withSampler,
} from './shared-options';

/** Options of `spgd demo`, as the command line gives them. */
interface DemoOptions extends MethodOptions {
  readonly photo: string;
  readonly task: string;
  readonly size: number;
  readonly steps?: number;
  readonly seed: number;
  readonly backend: BackendName | 'auto';
  readonly model?: string;
  readonly out: string;
}

const openers: Partial<Record<NodeJS.Platform, string>> = { darwin: 'open', win32: 'start' };

/** PSNR against the clean image, or the size where the two cannot be compared. */
async function rate(clean: tf.Tensor4D, image: tf.Tensor4D, comparable = true): Promise<string> {
  const [, height, width] = image.shape;
  if (!comparable || image.shape.some((size, axis) => size !== clean.shape[axis]))
    return `${width} x ${height}`;
  const ratio = psnr(image, clean);
  const [decibels] = await ratio.data();
  ratio.dispose();
  return `PSNR ${decibels!.toFixed(2)} dB`;
}

interface Restoration {
  readonly task: Task;
  readonly operator: ForwardOperator;
  readonly measurement: tf.Tensor4D;
  readonly options: DemoOptions;
  readonly signal: AbortSignal;
}

async function restore({ task, operator, measurement, options, signal }: Restoration) {
  const denoiser = await loadDenoiser(modelSource(priorNamed(options, options.task)));
  const { steps, warmupSteps, learningRate } = options;
  const given = { steps, warmupSteps, learningRate };
  const { sampler, settings } = chooseSettings(
    options.task,
    methodNamed(options),
    denoiser.metadata,
    given,
  );
  const progress = showProgress(process.stderr, signal);
  try {
    const noise = noiseOf(task);
    const run = samplerNamed(sampler, settings);
    const restored = await sample(
      run,
      { denoiser, operator, measurement, noise },
      {
        schedule: scheduleOf(settings),
        seed: options.seed,
        signal,
        onStep: ({ index, total, error }) => {
          const dataError = error && Math.sqrt(error[0]! / measurement.size);
          progress.report({ index, total, dataError });
        },
      },
    );
    return { sampler, image: tf.tidy(() => tf.clipByValue(restored.sample, -1, 1)) };
  } finally {
    progress.stop();
  }
}

/** Degrades a photo, restores it, and writes each stage into one picture. */
async function demo(options: DemoOptions, signal: AbortSignal): Promise<void> {
  const task = tasks[options.task]!;
  const { size, seed, out } = options;
  await checkImagePath(out);
  const { name, reason } = await useBackend(options.backend);
  say(`backend: ${name} (${reason})`);
  const clean = await readImage(photoPath(options.photo), { size: [size, size] });
  const operator = task.operator({ height: size, width: size }, { seed });
  const measurement = measure(operator, clean, noiseOf(task), { seed });
  say(`task: ${options.task}, ${task.summary}; noise ${task.noiseStd} on [-1, 1]`);

  const { noiseStd, baseline, picture } = task;
  const basic = await baseline.restore({ operator, measurement, noiseStd, seed });
  const simple = aligned(task, basic, clean);
  const started = performance.now();
  const found = await restore({ task, operator, measurement, options, signal });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const restored = aligned(task, found.image, clean);

  const shown = picture?.(measurement, operator) ?? measurement;
  const panels: Panel[] = [
    { title: 'clean', detail: `${size} x ${size}`, image: clean },
    { title: 'measurement', detail: await rate(clean, shown, !picture), image: shown },
    { title: baseline.name, detail: await rate(clean, simple), image: simple },
    {
      title: `restored (${found.sampler})`,
      detail: await rate(clean, restored),
      image: restored,
    },
  ];
  await writeImage(out, await comparison(panels));
  for (const { title, detail } of panels.slice(1)) say(`${title}: ${detail}`);
  say(`time: ${seconds} s`);
  say(`wrote ${out}; to see it: ${openers[process.platform] ?? 'xdg-open'} ${out}`);
}

/** `spgd demo`. */
export function addDemo(program: Command): void {
  const command = program
    .command('demo')
    .description('degrade a photo, restore it, and write both into one picture')
    .option('--photo <path>', `an image file, or one of ${photoNames.join(', ')}`, 'chelsea')
    .addOption(taskOption('what to undo; see below').default('gaussian-blur'))
    .option(
      '--size <pixels>',
      'height and width to work at, a multiple of 8 from 16 to 512',
      flag(side),
      256,
    );
  withSampler(command, 0, 'fast')
    .addOption(backendOption())
    .option('--model <url-or-path>', modelText)
    .option('--out <file>', 'picture to write: .png, .jpg, .webp or .tiff', 'spgd-demo.png')
    .addHelpText('after', `\nTasks:\n${taskList}`)
    .action((options: DemoOptions) => interruptible((signal) => demo(options, signal)));
}
