import * as tf from '@tensorflow/tfjs';
import {
  type InverseProblem,
  type LoadedDenoiser,
  type Passes,
  posterior,
  type Sampler,
  type StepInfo,
  sample,
  watchedDenoiser,
} from 'spgd';
import { samplerNamed, scheduleOf } from 'spgd/tasks';
import { blockProblem, type Tiling } from './block-problem';
import { scaleOf } from './job-blocks';
import type { BlockJob, BlockResult } from './messages';
import { type PassCost, passesOf, pixelsOf, tilesIn } from './pass-cost';
import type { Picture } from './picture';
import { pictureOf } from './picture-tensor';
import { chosenFor } from './plan-job';

/** A worker that can compute. */
export interface Ready {
  readonly prior: LoadedDenoiser;
  readonly tiling: Tiling;
  readonly pass: PassCost;
}

/** Share of the latest pass in the time that forecasts assume. */
const following = 0.3;

/** What is held: the memory of WebAssembly never shrinks, and other backends have none. */
function held() {
  const { wasm } = tf.backend() as unknown as { wasm?: { HEAPU8: Uint8Array } };
  return { tensors: tf.memory().numTensors, wasmBytes: wasm?.HEAPU8.buffer.byteLength ?? 0 };
}

/** Root mean square of `A(x) - y`. */
async function misfit({ operator, measurement }: InverseProblem, image: tf.Tensor4D) {
  const rms = tf.tidy(() => {
    const difference = tf.sub(operator.forward(image), measurement);
    return tf.sqrt(tf.mean(tf.square(difference)));
  });
  const [value] = await rms.data();
  rms.dispose();
  return value!;
}

/** A denoiser that measures its passes and tells how many there were. */
function timed(problem: InverseProblem, pass: PassCost, pixels: number, done: () => void) {
  let last = performance.now();
  const denoiser = watchedDenoiser(problem.denoiser, (kind: keyof Passes) => {
    const now = performance.now();
    const times = pass.times as { -readonly [K in keyof Passes]: number };
    // WebGPU computes later than it is called.
    if (pixels > 0 && tf.getBackend() === 'wasm')
      times[kind] += following * ((now - last) / pixels - times[kind]);
    last = now;
    done();
  });
  return {
    problem: { ...problem, denoiser },
    /** Leaves out of the measurement what was done since the last pass. */
    resume: () => {
      last = performance.now();
    },
  };
}

async function draw(
  { job, sampler, settings, problem }: Run,
  options: { signal: AbortSignal; onStep: (info: StepInfo) => Promise<void> },
): Promise<{ image: tf.Tensor4D; std?: tf.Tensor4D }> {
  const { samples = 1, seed = 0 } = job;
  const common = { ...options, schedule: scheduleOf(settings), seed };
  if (samples === 1) return { image: (await sample(sampler, problem, common)).sample };
  const { mean, std } = await posterior(sampler, problem, { ...common, samples });
  return { image: mean, std };
}

interface Run {
  readonly job: BlockJob;
  readonly sampler: Sampler;
  readonly settings: ReturnType<typeof chosenFor>['settings'];
  readonly problem: InverseProblem;
}

/** Restores a window of a photo. */
export async function restoreBlock(
  job: BlockJob,
  { prior, tiling, pass }: Ready,
  signal: AbortSignal,
  onProgress: (share: number, picture?: Picture) => void,
): Promise<BlockResult> {
  const { sampler, settings } = chosenFor(job, prior.metadata);
  const count = await passesOf(sampler, settings);
  const all = (job.samples ?? 1) * (count.denoise + count.gradient);
  const scale = scaleOf(job);
  const { photo, missing } = job;
  const size = { height: scale * photo.height, width: scale * photo.width };
  const tiles = tilesIn({ ...size, ...(missing && { missing }) }, prior, tiling);
  const named = samplerNamed(sampler, settings);
  const problem = blockProblem(job, prior, tiling, named);
  let done = 0;
  const watched = timed(problem, pass, pixelsOf(tiles), () =>
    onProgress(Math.min(1, ++done / all)),
  );
  try {
    const run = { job, sampler: named, settings, problem: watched.problem };
    const { image, std } = await draw(run, {
      signal,
      async onStep({ denoised }) {
        if (job.previews) onProgress(Math.min(1, done / all), await pictureOf(denoised));
        watched.resume();
      },
    });
    const result = {
      picture: await pictureOf(image),
      rms: await misfit(problem, image),
      ...(std && { deviation: await greyLevels(std) }),
    };
    tf.dispose([image, std ?? []]);
    return { ...result, sampler, settings, held: held() };
  } finally {
    problem.dispose();
  }
}

/** The standard deviation of each pixel over its channels, in grey levels. */
async function greyLevels(std: tf.Tensor4D): Promise<Float32Array> {
  const levels = tf.tidy(() => tf.mul(tf.sqrt(tf.mean(tf.square(std), 3)), 127.5));
  const values = (await levels.data()) as Float32Array;
  levels.dispose();
  return values;
}
