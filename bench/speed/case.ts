/**
 * One measurement in a process of its own: prints one line of JSON. `bench/speed.ts` starts it.
 */
import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import {
  type Denoiser,
  edmSchedule,
  gaussianNoise,
  type InverseProblem,
  type Network,
  probabilityFlow,
  sample,
  spgd,
  superResolution,
} from 'spgd';
import { bundledPrior, useBackend, workerDenoiser } from 'spgd/node';
import { floorOf } from './convolutions';
import type { Case, Measured } from './measured';
import { denoiserOf, subjects } from './networks';
import { forgetPeak, peakMemory } from './peak-memory';

const secondsOf = (run: () => unknown): number => {
  const started = performance.now();
  tf.dispose(run() as tf.TensorContainer);
  return (performance.now() - started) / 1000;
};

const times = (count: number, run: () => unknown): number[] =>
  Array.from({ length: count }, () => secondsOf(run));

interface Clock {
  readonly network: Network;
  /** Seconds in forward passes and in gradients since the last call. */
  take(): { forward: number; gradient: number };
}

function clocked(network: Network): Clock {
  const spent = { forward: 0, gradient: 0 };
  const apply = (x: Tensor4D, t: tf.Tensor1D): Tensor4D => {
    const started = performance.now();
    const result = network(x, t);
    spent.forward += (performance.now() - started) / 1000;
    return result;
  };
  const timed = <T>(run: () => T): T => {
    const started = performance.now();
    const result = run();
    spent.gradient += (performance.now() - started) / 1000;
    return result;
  };
  const linearize: Network['linearize'] = (x, t) => {
    const at = timed(() => network.linearize!(x, t));
    return { ...at, backward: (cotangent) => timed(() => at.backward(cotangent)) };
  };
  const take = () => {
    const taken = { ...spent };
    Object.assign(spent, { forward: 0, gradient: 0 });
    return taken;
  };
  return { network: Object.assign(apply, { ...network, linearize }), take };
}

const noise = (batch: number, side: number) =>
  tf.randomNormal<tf.Rank.R4>([batch, side, side, 3], 0, 1, 'float32', 1);

function problemOf(denoiser: Denoiser, x: Tensor4D): InverseProblem {
  const operator = superResolution({ scale: 4 });
  const measurement = tf.tidy(() => operator.forward(tf.clipByValue(x, -1, 1)));
  return { denoiser, operator, measurement, noise: gaussianNoise(0.01) };
}

/** The library: passes forward, and a step of SPGD with one gradient, as a user runs it. */
async function library({ subject, side, batch, repeats, ...how }: Case): Promise<Measured> {
  let take: Clock['take'];
  const denoiser = await denoiserOf(subject, how, (network) => {
    const clock = clocked(network);
    take = clock.take;
    return clock.network;
  });
  const x = noise(batch, side);
  const problem = problemOf(denoiser, x);
  const sampler = spgd(probabilityFlow(), { warmupSteps: 1, learningRate: 1, momentum: 0.9 });
  const schedule = edmSchedule({ steps: 1, sigmaMax: 10, sigmaMin: 1 });
  const step = async () => {
    take();
    const cpu = process.cpuUsage();
    const started = performance.now();
    const result = await sample(sampler, problem, { schedule, seed: 1 });
    const whole = (performance.now() - started) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    tf.dispose(result.sample);
    const { forward, gradient } = take();
    return {
      iteration: whole - forward,
      processor: (user + system) / 1e6,
      outside: (whole - forward - gradient) / whole,
    };
  };
  await step();
  forgetPeak();
  const tensors = tf.memory().numTensors;
  const forward = times(repeats, () => denoiser.denoise(x, 1));
  const steps = [];
  for (let i = 0; i < repeats; i++) steps.push(await step());
  return {
    forward,
    iteration: steps.map(({ iteration }) => iteration),
    processor: steps.map(({ processor }) => processor),
    outside: steps.map(({ outside }) => outside),
    peak: peakMemory(),
    tensorsLeft: tf.memory().numTensors - tensors,
  };
}

/** The convolutions alone: the floor of this backend. */
async function floor({ subject, side, batch, repeats }: Case): Promise<Measured> {
  const { forward, flipped, transposed } = floorOf(subjects[subject]!, side, batch);
  for (const run of [forward, flipped]) run();
  const ways = tf.getBackend() === 'wasm' ? [flipped] : [flipped, transposed];
  const there = times(repeats, forward);
  const back = ways.map((run) => times(repeats, run));
  const iteration = there.map((seconds, i) => seconds + Math.min(...back.map((way) => way[i]!)));
  return { forward: there, iteration, peak: peakMemory() };
}

/** The plain graph of the bundled prior by the gradients of TensorFlow.js itself. */
async function stock({ side, batch, repeats }: Case): Promise<Measured> {
  const model = await tf.loadGraphModel(bundledPrior);
  const x = noise(batch, side);
  const t = tf.fill([batch], 500);
  const value = (at: tf.Tensor) => model.execute({ x: at, t }) as Tensor4D;
  const gradient = () => tf.tidy(() => tf.grad((at) => tf.sum(tf.square(value(at))))(x));
  secondsOf(gradient);
  forgetPeak();
  const forward = times(repeats, () => tf.tidy(() => value(x)));
  return { forward, iteration: times(repeats, gradient), peak: peakMemory() };
}

/** A whole run of a few steps, with the noise it draws. */
async function run({ subject, side, batch, repeats, ...rest }: Case): Promise<Measured> {
  const denoiser = await denoiserOf(subject, rest, (network) => network);
  const problem = problemOf(denoiser, noise(batch, side));
  const { warmupSteps = 1, steps = 1 } = rest;
  const sampler = spgd(probabilityFlow(), { warmupSteps, learningRate: 1, momentum: 0.9 });
  const schedule = edmSchedule({ steps, sigmaMax: 10, sigmaMin: 1 });
  const iteration: number[] = [];
  for (let i = 0; i <= repeats; i++) {
    const started = performance.now();
    const { sample: result } = await sample(sampler, problem, { schedule, seed: 1 });
    iteration.push((performance.now() - started) / 1000);
    result.dispose();
  }
  return { forward: [], iteration: iteration.slice(1), peak: peakMemory() };
}

/** Gradients of a batch that threads share. */
async function workers({ side, batch, repeats, workers: count = 1 }: Case): Promise<Measured> {
  const denoiser = await workerDenoiser(bundledPrior, { workers: count, batch: 1 });
  const x = noise(batch, side);
  const gradient = () => tf.tidy(() => denoiser.linearize!(x, 1).backward(x));
  gradient().dispose();
  const forward = times(repeats, () => denoiser.denoise(x, 1));
  return { forward, iteration: times(repeats, gradient), peak: peakMemory() };
}

const ways = { library, floor, stock, run, workers };

const wanted = JSON.parse(process.argv[2]!) as Case;
await useBackend(wanted.backend);
console.log(JSON.stringify(await ways[wanted.way as keyof typeof ways](wanted)));
process.exit(0);
