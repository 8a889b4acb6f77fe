import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { type Denoiser, gaussianPrior, sample, watchedDenoiser } from 'spgd';
import { noiseOf, type Settings, samplerNamed, scheduleOf, type Task } from 'spgd/tasks';

/** Passes through the network: forward alone, and gradients. */
export interface Passes {
  readonly forward: number;
  readonly gradient: number;
}

/** A denoiser that counts its passes; `take` gives the counts since the last call. */
export function counted(denoiser: Denoiser): { denoiser: Denoiser; take(): Passes } {
  let taken = { forward: 0, gradient: 0 };
  const watched = watchedDenoiser(denoiser, (kind) => {
    taken[kind === 'denoise' ? 'forward' : kind]++;
  });
  const take = () => {
    const before = taken;
    taken = { forward: 0, gradient: 0 };
    return before;
  };
  return { denoiser: watched, take };
}

const side = 32;

/** Passes of one step of a sampler, counted on a prior that costs nothing. */
async function passesOfStep(task: Task, sampler: string, settings: Settings): Promise<Passes> {
  const { denoiser, take } = counted(gaussianPrior({ std: 0.5 }));
  const operator = task.operator({ height: side, width: side });
  const measurement = tf.tidy(() => operator.forward(tf.zeros([1, side, side, 1])));
  const problem = { denoiser, operator, measurement, noise: noiseOf(task) };
  const passesOf = async (steps: number): Promise<Passes> => {
    const chosen = { ...settings, steps };
    const run = { schedule: scheduleOf(chosen) };
    (await sample(samplerNamed(sampler, chosen), problem, run)).sample.dispose();
    return take();
  };
  const [few, more] = [await passesOf(3), await passesOf(4)];
  measurement.dispose();
  return { forward: more.forward - few.forward, gradient: more.gradient - few.gradient };
}

/** How many steps of a sampler take this many passes, one with a gradient counting `costOfGradient`. */
export async function stepsWithin(
  passes: number,
  task: Task,
  sampler: string,
  settings: Settings,
  costOfGradient = 1,
): Promise<number> {
  const { forward, gradient } = await passesOfStep(task, sampler, settings);
  return Math.max(2, Math.round(passes / (forward + gradient * costOfGradient)));
}

/** How much longer a pass with the gradient takes than one forward, on this machine. */
export async function gradientCost(denoiser: Denoiser, size: number): Promise<number> {
  const x = tf.randomNormal<tf.Rank.R4>([4, size, size, 3], 0, 1, 'float32', 1);
  const forward = () => denoiser.denoise(x, 1);
  const gradient = () => tf.tidy(() => denoiser.linearize!(x, 1).backward(x));
  const timeOf = async (pass: () => Tensor4D) => {
    const times: number[] = [];
    for (let i = 0; i < 4; i++) {
      const started = performance.now();
      const result = pass();
      await result.data();
      result.dispose();
      times.push(performance.now() - started);
    }
    return Math.min(...times.slice(1));
  };
  const ratio = (await timeOf(gradient)) / (await timeOf(forward));
  x.dispose();
  return ratio;
}
