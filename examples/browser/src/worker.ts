import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import {
  gaussianNoise,
  type LoadedDenoiser,
  loadDenoiser,
  psnr,
  sample,
  watchedDenoiser,
} from 'spgd';
import { samplerNamed, scheduleOf } from 'spgd/tasks';
import { chooseBackend } from './backend';
import { measurePass, type PassCost, passesOf, planOf } from './cost';
import type { Job, Report, Request, StartRequest } from './messages';
import { fetchModelFile } from './model-cache';
import { type Restoration, restorationOf, type Tiling } from './restoration';

const page = self as unknown as Worker;
const say = (report: Report): void => page.postMessage(report);

/** Pixels that go through the network at once. */
const pixelsAtOnce = 4 * 64 ** 2;

interface Ready {
  readonly prior: LoadedDenoiser;
  readonly tiling: Tiling;
  readonly pass: PassCost;
}
let ready: Promise<Ready>;
let running: AbortController | undefined;

/** Loads a model, and tells how much of its weights has come. */
function loadPrior(url: string): Promise<LoadedDenoiser> {
  const fetchFunc = (file: string) =>
    fetchModelFile(file, (loaded, total) => {
      if (file.endsWith('.bin')) say({ kind: 'loading', loaded, total });
    });
  return loadDenoiser(tf.io.http(url, { fetchFunc: fetchFunc as typeof fetch }));
}

async function start({ backends, why, model }: StartRequest): Promise<Ready> {
  const times: Record<string, number> = {};
  const clock = performance.now();
  const lap = (name: string) => {
    times[name] = performance.now() - clock;
  };
  const backend = await chooseBackend(backends, (message) => say({ kind: 'lost', message }));
  const reason = why ? `${backend.reason}; ${why}` : backend.reason;
  say({ kind: 'backend', backend: { ...backend, reason } });
  lap('backend');
  const prior = await loadPrior(model);
  lap('model');
  const size = prior.metadata!.size[0];
  const batch = Math.max(1, Math.floor(pixelsAtOnce / size ** 2));
  const tiling = { size, overlap: Math.floor(size / 8), batch };
  const pass = await measurePass(prior);
  lap('pass');
  const tuned = prior.metadata!.settings ?? {};
  say({ kind: 'ready', tuned, times: { ...times, ...pass.times } });
  return { prior, tiling, pass };
}

/** Against the clean photo, both as pictures; null where there is none or the sizes differ. */
async function rate(image: tf.Tensor4D, clean: tf.Tensor4D | null): Promise<number | null> {
  if (!clean || `${clean.shape}` !== `${image.shape}`) return null;
  const ratio = tf.tidy(() => psnr(tf.clipByValue(image, -1, 1), clean));
  const [decibels] = await ratio.data();
  ratio.dispose();
  return decibels!;
}

/** What is held: the memory of WebAssembly never shrinks, and other backends have none. */
function held() {
  const { wasm } = tf.backend() as unknown as { wasm?: { HEAPU8: Uint8Array } };
  return { tensors: tf.memory().numTensors, wasmBytes: wasm?.HEAPU8.buffer.byteLength ?? 0 };
}

/** One run of a sampler, told pass by pass and step by step. */
async function run(job: Job, restoration: Restoration, signal: AbortSignal): Promise<tf.Tensor4D> {
  const sampler = samplerNamed(job.sampler, job.settings);
  const count = await passesOf(job);
  const all = count.denoise + count.gradient;
  let done = 0;
  const denoiser = watchedDenoiser(restoration.denoiser, () => {
    done++;
    say({ kind: 'progress', share: done / all });
  });
  const { operator, measurement } = restoration;
  const problem = { denoiser, operator, measurement, noise: gaussianNoise(job.noiseStd) };
  const { sample: image } = await sample(sampler, problem, {
    schedule: scheduleOf(job.settings),
    seed: job.seed,
    signal,
    async onStep({ index, total, denoised }) {
      const picture = await restoration.picture(denoised);
      say({ kind: 'step', step: index + 1, steps: total, picture });
    },
  });
  return image;
}

/** A job from its measurement to its picture. */
async function restored(job: Job, signal: AbortSignal) {
  const { prior, tiling } = await ready;
  const restoration = restorationOf(job, prior, tiling);
  try {
    const { measurement, clean } = restoration;
    const before = await rate(measurement, clean);
    say({ kind: 'measurement', picture: await restoration.before(), psnr: before });
    const image = await run(job, restoration, signal);
    const result = { picture: await restoration.picture(image), psnr: await rate(image, clean) };
    image.dispose();
    return result;
  } finally {
    restoration.dispose();
  }
}

async function restore(job: Job, signal: AbortSignal): Promise<Report> {
  const started = performance.now();
  const result = await restored(job, signal);
  return { kind: 'done', ...result, milliseconds: performance.now() - started, held: held() };
}

async function plan(job: Job): Promise<Report> {
  return { kind: 'plan', plan: await planOf(job, await ready) };
}

const failure = (error: unknown): Report =>
  (error as Error).name === 'AbortError'
    ? { kind: 'cancelled' }
    : { kind: 'failed', message: (error as Error).message };

/** What was asked for is done in turn, and told whatever it has come to. */
let last: Promise<unknown> = Promise.resolve();
const inTurn = (work: () => Promise<Report | undefined>) => {
  last = last
    .then(work)
    .catch(failure)
    .then((report) => report && say(report));
};

page.onmessage = ({ data }: MessageEvent<Request>) => {
  if (data.kind === 'start') {
    ready = start(data);
    inTurn(() => ready.then(() => undefined));
  }
  if (data.kind === 'plan') inTurn(() => plan(data.job));
  if (data.kind === 'cancel') running?.abort();
  if (data.kind === 'restore') {
    const controller = new AbortController();
    running = controller;
    inTurn(() => restore(data.job, controller.signal));
  }
};
