import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import {
  type BestOfState,
  bestOf,
  edmSchedule,
  gaussianPrior,
  identity,
  type NoiseLevelSampler,
  probabilityFlow,
  redDiff,
  reverseDiffusion,
  type SamplerState,
  type StepInfo,
  sample,
  spgd,
} from 'spgd';
import { describe, expect, it } from 'vitest';
import { useTestBackend } from '../support/backend';
import { maxError } from '../support/close';
import { samplerLaws } from './sampler-laws';

useTestBackend('wasm');

const schedule = edmSchedule({ steps: 6, sigmaMax: 10 });
const denoiser = gaussianPrior({ mean: 0.2, std: 0.6 });
const problem = (measurement: Tensor4D) => ({ denoiser, operator: identity(), measurement });
const measured = (batch: number) =>
  tf.randomUniform([batch, 3, 4, 3], -1, 1, 'float32', 8) as Tensor4D;

describe('bestOf three runs of SPGD', () =>
  samplerLaws(() =>
    bestOf(spgd(probabilityFlow(), { learningRate: 0.05, warmupSteps: 1 }), { tries: 3 }),
  ));

/** Ends at 0 or at NaN, as the sign of its first number says. */
const fragile: NoiseLevelSampler<SamplerState> = {
  name: 'fragile',
  atNoiseLevel: true,
  init: (_, run) => ({ x: run.initial() }),
  step: ({ x }) => {
    const next = tf.tidy(() => {
      const root = tf.sqrt(tf.slice(x, [0, 0, 0, 0], [-1, 1, 1, 1]));
      return tf.add(tf.mul(x, 0), tf.mul(root, 0)) as Tensor4D;
    });
    return { state: { x: next }, denoised: tf.clone(next) };
  },
};

describe('bestOf', () => {
  it('with one try is the sampler itself, exactly', async () => {
    const y = measured(2);
    const alone = await sample(reverseDiffusion(), problem(y), { schedule, seed: 4 });
    const one = await sample(bestOf(reverseDiffusion(), { tries: 1 }), problem(y), {
      schedule,
      seed: 4,
    });
    expect(maxError(one.sample, alone.sample)).toBe(0);
  });

  it.each([
    ['until is passed', 1, 2],
    ['the run ends', 1e-6, 5],
  ])('goes on with the try whose estimate is nearest to y when %s', async (_, until, chosenAt) => {
    const y = measured(8);
    const starts: Tensor4D[] = [];
    const base: ReturnType<typeof probabilityFlow> = {
      ...probabilityFlow(),
      init(of, run) {
        const state = probabilityFlow().init(of, run);
        starts.push(tf.clone(state.x));
        return state;
      },
    };
    expect(schedule.findIndex((sigma) => sigma < Math.max(until, 1e-3)) - 1).toBe(chosenAt);
    const told: (readonly number[])[] = [];
    const { sample: best } = await sample(bestOf(base, { tries: 5, until }), problem(y), {
      schedule,
      onStep: ({ error }) => void told.push(error!),
    });

    const errors: Float32Array[] = [];
    const ends: Float32Array[] = [];
    for (const start of starts.slice(0, 5)) {
      const { sample: end } = await sample(probabilityFlow(), problem(y), {
        schedule,
        start,
        onStep({ index, denoised }) {
          if (index !== chosenAt) return;
          const distance = tf.sum(tf.squaredDifference(denoised, y), [1, 2, 3]);
          errors.push(distance.dataSync() as Float32Array);
        },
      });
      ends.push(end.dataSync() as Float32Array);
    }
    const size = best.size / 8;
    const places = new Set<number>();
    for (let item = 0; item < 8; item++) {
      const of = errors.map((error) => error[item]!);
      const place = of.indexOf(Math.min(...of));
      places.add(place);
      const part = (values: ArrayLike<number>) =>
        Array.from(values).slice(item * size, (item + 1) * size);
      expect(part(best.dataSync())).toEqual(part(ends[place]!));
      expect(told[chosenAt]![item]).toBeCloseTo(of[place]!, 4);
    }
    // Or it could have been one try for all.
    expect(places.size).toBeGreaterThan(2);
  });

  it('takes first the run that the sampler alone would take', async () => {
    const y = measured(2);
    const seen: number[][] = [];
    const onStep = ({ state }: StepInfo<BestOfState<SamplerState>>) =>
      void seen.push([...state.tries[0]!.x.dataSync()]);
    await sample(bestOf(probabilityFlow(), { tries: 3 }), problem(y), { schedule, onStep });
    const alone: number[][] = [];
    await sample(probabilityFlow(), problem(y), {
      schedule,
      onStep: ({ x }) => void alone.push([...x.dataSync()]),
    });
    expect(seen.slice(0, 2)).toEqual(alone.slice(0, 2));
  });

  it('never takes a try that diverged, while there is another', async () => {
    const y = measured(8);
    const { sample: x } = await sample(bestOf(fragile, { tries: 12 }), problem(y), { schedule });
    expect(tf.max(tf.abs(x)).dataSync()[0]).toBe(0);
    await expect(sample(fragile, problem(y), { schedule })).rejects.toThrow('NaN');
  });

  it('leaves no tensor when a later try throws', async () => {
    const y = measured(1);
    let calls = 0;
    const failing: NoiseLevelSampler<SamplerState> = {
      ...probabilityFlow(),
      step(...of) {
        if (++calls === 5) throw new Error('the fifth');
        return probabilityFlow().step(...of);
      },
    };
    const before = tf.memory().numTensors;
    const run = sample(bestOf(failing, { tries: 3 }), problem(y), { schedule });
    await expect(run).rejects.toThrow('the fifth');
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses options and samplers that do not fit', () => {
    expect(() => bestOf(probabilityFlow(), { tries: 0 })).toThrow(
      'bestOf: tries must be an integer >= 1, got 0',
    );
    expect(() => bestOf(probabilityFlow(), { tries: 2, until: 0 })).toThrow(
      'bestOf: until must be a number > 0, got 0',
    );
    expect(() => bestOf(redDiff() as never, { tries: 2 })).toThrow(
      'bestOf: sampler must be a sampler with atNoiseLevel, got redDiff',
    );
  });
});
