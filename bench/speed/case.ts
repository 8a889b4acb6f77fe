/**
 * One measurement in a process of its own: prints one line of JSON. `bench/speed.ts` starts it.
 */
import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { type Denoiser, gaussianNoise, type InverseProblem, superResolution } from 'spgd';
import { type BundledPriors, bundledPriors, useBackend } from 'spgd/node';
import { offerRecorder } from '../../src/models/graph/pass-recorder';
import { likelihoodGradient } from '../../src/samplers/likelihood-gradient';
import { floorOf } from './convolutions';
import type { Case, Measured } from './measured';
import { denoiserOf, subjects } from './networks';
import { forgetPeak, peakMemory } from './peak-memory';

const wanted = JSON.parse(process.argv[2]!) as Case;

/** On a card what passes is time; on a processor, which others may share, what counts is its own. */
function now(): number {
  if (wanted.backend === 'tfjs-node-gpu' || wanted.backend === 'webgpu')
    return performance.now() / 1000;
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

type Pass = () => Tensor | Promise<Tensor>;

/** Seconds of a computation until its result is read, since a card computes until then. */
async function secondsOf(run: Pass): Promise<number> {
  const started = now();
  const result = await run();
  await result.data();
  const seconds = now() - started;
  result.dispose();
  return seconds;
}

async function times(count: number, run: Pass): Promise<number[]> {
  const seconds: number[] = [];
  for (let i = 0; i < count; i++) seconds.push(await secondsOf(run));
  return seconds;
}

const noise = (batch: number, side: number) =>
  tf.randomNormal<tf.Rank.R4>([batch, side, side, 3], 0, 1, 'float32', 1);

function problemOf(denoiser: Denoiser, x: Tensor4D): InverseProblem {
  const operator = superResolution({ scale: 4 });
  const measurement = tf.tidy(() => operator.forward(tf.clipByValue(x, -1, 1)));
  return { denoiser, operator, measurement, noise: gaussianNoise(0.01) };
}

/** The library: passes forward, and the likelihood gradient that SPGD follows. */
async function library({ subject, side, batch, repeats, ...how }: Case): Promise<Measured> {
  const denoiser = await denoiserOf(subject, how);
  const x = noise(batch, side);
  const problem = problemOf(denoiser, x);
  const gradient = () => tf.tidy(() => likelihoodGradient(problem, x, 1).gradient);
  await secondsOf(gradient);
  await secondsOf(() => denoiser.denoise(x, 1));
  forgetPeak();
  const forward = await times(repeats, () => denoiser.denoise(x, 1));
  return { forward, gradient: await times(repeats, gradient), peak: peakMemory() };
}

/** The library without sessions: one call of native TensorFlow for each operation. */
function layers(one: Case): Promise<Measured> {
  offerRecorder(undefined);
  return library(one);
}

/** The convolutions alone: the floor of this backend. */
async function floor({ subject, side, batch, repeats }: Case): Promise<Measured> {
  const { forward, flipped, transposed } = floorOf(subjects[subject]!, side, batch);
  for (const run of [forward, flipped]) await secondsOf(run);
  const ways = tf.getBackend() === 'wasm' ? [flipped] : [flipped, transposed];
  const there = await times(repeats, forward);
  const back: number[][] = [];
  for (const run of ways) back.push(await times(repeats, run));
  const gradient = there.map((seconds, i) => seconds + Math.min(...back.map((way) => way[i]!)));
  return { forward: there, gradient, peak: peakMemory() };
}

/** The plain graph of a bundled prior by the gradients of TensorFlow.js itself. */
async function stock({ subject, side, batch, repeats }: Case): Promise<Measured> {
  const model = await tf.loadGraphModel(bundledPriors[subject as keyof BundledPriors]);
  const x = noise(batch, side);
  const t = tf.fill([batch], 500);
  const value = (at: tf.Tensor) => model.execute({ x: at, t }) as Tensor4D;
  const gradient = () => tf.tidy(() => tf.grad((at) => tf.sum(tf.square(value(at))))(x));
  await secondsOf(gradient);
  forgetPeak();
  const forward = await times(repeats, () => tf.tidy(() => value(x)));
  return { forward, gradient: await times(repeats, gradient), peak: peakMemory() };
}

const ways = { library, layers, floor, stock };

await useBackend(wanted.backend);
console.log(JSON.stringify(await ways[wanted.way as keyof typeof ways](wanted)));
process.exit(0);
