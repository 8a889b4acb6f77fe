/**
 * Unknown blur, on crops of photos that no prior was trained on:
 *
 *   npm run bench:blind -- --photos folder
 *
 * The scene of each crop, which goes on outside, is blurred by a Gaussian, a disc, a straight line or a shaking camera
 * (`free`, a `motionKernel`) of a size that is drawn for it, with noise of 0.01 added; it is restored with the known blur,
 * and by `blindDeblur` with the same method. A crop that `blindDeblur` leaves counts as it is. PSNR of `free` is that at
 * the best shift.
 */
import * as tf from '@tensorflow/tfjs';
import { Command } from 'commander';
import { gaussianNoise, loadDenoiser, measure, motionKernel, psnr, sample } from 'spgd';
import { useBackend } from 'spgd/node';
import {
  type Blur,
  blindDeblur,
  blurOperator,
  chooseSettings,
  openBorder,
  samplerNamed,
  scheduleOf,
} from 'spgd/tasks';
import { modelSource } from '../src/cli/model-source';
import { uniformGenerator } from '../src/internal/random';
import { alignedPsnr } from './aligned';
import { byComma } from './arguments';
import { readCrops } from './crops';
import { mean } from './trial';

const program = new Command()
  .requiredOption('--photos <folder>', 'photos to measure on')
  .option('--kinds <names>', 'gaussian, disc, line, free, none', byComma, [
    'gaussian',
    'disc',
    'line',
    'free',
    'none',
  ])
  .option('--count <n>', 'number of photos, in the order of their names', Number, 16)
  .option('--skip <n>', 'photos to leave out before them', Number, 0)
  .option('--reduce <n>', 'how much each photo is reduced first', Number, 1)
  .option('--size <pixels>', 'side of the crops', Number, 128)
  .option('--quality <level>', 'of the restoration', 'fast')
  .option('--model <path>', 'the prior', 'light')
  .option('--backend <name>', 'backend of TensorFlow.js', 'auto')
  .option('--seed <n>', 'seed of the sizes', Number, 0)
  .option('--each', 'a line for each crop')
  .parse();
const options = program.opts();
const noiseStd = 0.01;

const { name, reason } = await useBackend(options.backend);
const denoiser = await loadDenoiser(modelSource(options.model));
const { photos, count, skip, reduce, size, quality, seed } = options;
/** The scene goes on outside a crop, farther than any of these blurs looks. */
const outside = 16;
const crops = await readCrops({ photos, count, skip, reduce, size: size + 2 * outside });
console.log(`${crops.length} crops of ${size} px; backend ${name} (${reason})`);

const uniform = uniformGenerator('measure', seed);
const between = (least: number, most: number) => least + (most - least) * uniform();

/** A blur of a kind, of a size that is drawn. */
function drawn(kind: string, at: number): Blur | undefined {
  if (kind === 'gaussian') return { kind, size: between(1, 3.5) };
  if (kind === 'disc') return { kind, size: between(2, 7) };
  if (kind === 'line') return { kind, size: between(5, 20), angle: between(0, 180) };
  if (kind === 'free') {
    const size = 2 * Math.round(between(4, 10)) + 1;
    return { kind, size, kernel: motionKernel({ kernelSize: size, seed: seed + at }) };
  }
  return undefined;
}

const nameOf = (blur: Blur | undefined): string =>
  blur
    ? `${blur.kind} ${blur.size.toFixed(2)}${blur.kind === 'line' ? ` at ${blur.angle.toFixed(0)}°` : ''}`
    : 'none';

const decibels = (image: tf.Tensor4D, clean: tf.Tensor4D, kind: string): number =>
  kind === 'free'
    ? alignedPsnr(image, clean)
    : tf.tidy(() => psnr(tf.clipByValue(image, -1, 1), clean).dataSync()[0]!);

/** The PSNR of a crop that is restored with the known blur. */
async function withKnown(y: tf.Tensor4D, clean: tf.Tensor4D, blur: Blur): Promise<number> {
  const { sampler, settings } = chooseSettings('gaussian-blur', quality, denoiser.metadata);
  const named = samplerNamed(sampler, settings);
  const open = openBorder({ operator: blurOperator(blur), measurement: y }, noiseStd, named);
  const { sample: image } = await sample(
    named,
    { ...open, denoiser, noise: gaussianNoise(noiseStd) },
    { schedule: scheduleOf(settings) },
  );
  open.dispose();
  const result = decibels(image, clean, blur.kind);
  image.dispose();
  return result;
}

/** What one crop gives: input, known and found in dB. */
async function trial(scene: tf.Tensor4D, kind: string, at: number) {
  const blur = drawn(kind, at);
  const middle = (image: tf.Tensor4D) =>
    tf.slice(image, [0, outside, outside, 0], [1, size, size, image.shape[3]]);
  const clean = middle(scene);
  const y = tf.tidy(() => {
    const noise = gaussianNoise(noiseStd);
    if (blur) return middle(measure(blurOperator(blur), scene, noise, { seed: at }));
    return tf.add<tf.Tensor4D>(clean, tf.randomNormal(clean.shape, 0, noiseStd, 'float32', at + 1));
  });
  const input = decibels(y, clean, kind);
  const known = blur ? await withKnown(y, clean, blur) : input;
  const started = performance.now();
  const result = await blindDeblur({ denoiser, measurement: y, noiseStd, quality });
  const seconds = (performance.now() - started) / 1000;
  const { estimate, blur: undone, warning } = result;
  const after = decibels(result.sample, clean, kind);
  result.sample.dispose();
  tf.dispose([y, clean]);
  if (options.each)
    console.log(
      `  ${nameOf(blur)}; found ${nameOf(estimate?.blur)}, confidence ${estimate?.confidence.toFixed(2)}, ` +
        `evidence ${estimate?.evidence.toFixed(0)}; undone ${nameOf(undone)}: ${input.toFixed(2)}, ${known.toFixed(2)}, ${after.toFixed(2)} dB`,
    );
  const isKind = (undone?.kind ?? 'none') === kind;
  return { input, known, found: after, isKind, isLeft: !undone, isWarned: !!warning, seconds };
}

console.log(
  '\n| blur | input | known | found | below known | above input on | worst against input | worst without a warning | warned of | right kind | left | s |',
);
console.log('|---|---|---|---|---|---|---|---|---|---|---|---|');
for (const kind of options.kinds as string[]) {
  const rows: Awaited<ReturnType<typeof trial>>[] = [];
  for (const [at, scene] of crops.entries()) rows.push(await trial(scene, kind, at));
  const column = (key: 'input' | 'known' | 'found' | 'seconds') =>
    mean(rows.map((row) => row[key]));
  const gains = rows.map((row) => row.found - row.input);
  const share = (some: readonly boolean[]) => `${some.filter(Boolean).length} of ${some.length}`;
  const cells = [
    kind,
    column('input').toFixed(2),
    column('known').toFixed(2),
    column('found').toFixed(2),
    (column('known') - column('found')).toFixed(2),
    share(gains.map((gain) => gain > 0)),
    Math.min(...gains).toFixed(2),
    Math.min(0, ...gains.filter((_, at) => !rows[at]!.isWarned)).toFixed(2),
    share(rows.map((row) => row.isWarned)),
    share(rows.map((row) => row.isKind)),
    share(rows.map((row) => row.isLeft)),
    column('seconds').toFixed(2),
  ];
  console.log(`| ${cells.join(' | ')} |`);
}
