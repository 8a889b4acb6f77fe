import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import {
  consistency,
  type Denoiser,
  edmSchedule,
  gaussianNoise,
  gaussianPrior,
  identity,
  loadState,
  measure,
  mmse,
  type NoiseLevelSampler,
  type PosteriorOptions,
  type PosteriorState,
  posterior,
  probabilityFlow,
  type Resume,
  reverseDiffusion,
  type SampleInfo,
  type SamplerState,
  SamplingError,
  sample,
  saveState,
  spgd,
  spgdSample,
} from 'spgd';
import { describe, expect, it } from 'vitest';
import { useTestBackend } from '../../support/backend';
import { maxError } from '../../support/close';

useTestBackend('wasm');

const schedule = edmSchedule({ steps: 4, sigmaMax: 10 });
const denoiser = gaussianPrior({ mean: 0.2, std: 0.6 });
const noise = gaussianNoise(0.1);
const measurement = tf.tidy(() =>
  tf.keep(tf.randomUniform<tf.Rank.R4>([1, 31, 37, 3], -1, 1, 'float32', 3)),
);
const problem = { denoiser, operator: identity(), measurement, noise };
const sampler = spgd(reverseDiffusion(), { learningRate: 0.1, warmupSteps: 1 });
const draw = (options: Partial<PosteriorOptions> = {}) =>
  posterior(sampler, problem, { schedule, samples: 5, ...options });
const numbers = (image: Tensor4D) => Float32Array.from(image.dataSync());

describe('samples of one measurement', () => {
  it('are those of single runs with the seeds one by one', async () => {
    const { sample: three } = await sample(sampler, problem, { schedule, samples: 3, seed: 7 });
    expect(three.shape).toEqual([3, 31, 37, 3]);
    for (const k of [0, 1, 2]) {
      const { sample: alone } = await sample(sampler, problem, { schedule, seed: 7 + k });
      expect(maxError(tf.slice(three, [k, 0, 0, 0], [1, -1, -1, -1]), alone)).toBeLessThan(1e-5);
    }
    const own = { learningRate: 0.1, warmupSteps: 1, base: reverseDiffusion() };
    const { sample: same } = await spgdSample({
      ...problem,
      ...own,
      schedule,
      samples: 3,
      seed: 7,
    });
    expect(maxError(same, three)).toBe(0);
  });

  it('need one measurement and a number of them', async () => {
    const two = tf.zeros<tf.Rank.R4>([2, 31, 37, 3]);
    const refused = sample(sampler, { ...problem, measurement: two }, { schedule, samples: 3 });
    await expect(refused).rejects.toThrow(
      'measurement.shape[0] must be 1 where samples is given, got 2',
    );
    const none = sample(sampler, problem, { schedule, samples: 0 });
    await expect(none).rejects.toThrow('samples must be an integer >= 1, got 0');
  });
});

describe('posterior', () => {
  it('gives mean and standard deviation of the samples', async () => {
    const { mean, std, count, samples } = await draw({ keep: 'all', seed: 2 });
    const { sample: all } = await sample(sampler, problem, { schedule, samples: 5, seed: 2 });
    expect(count).toBe(5);
    expect(maxError(samples!, all)).toBeLessThan(1e-5);
    const average = tf.mean(all, 0, true);
    expect(maxError(mean, average)).toBeLessThan(1e-6);
    const squares = tf.sum(tf.squaredDifference(all, average), 0, true);
    expect(maxError(std, tf.sqrt(tf.div(squares, 4)))).toBeLessThan(1e-5);
    expect(tf.mean(std).dataSync()[0]).toBeGreaterThan(0.01);
  });

  it('gives the same samples for the same seeds, however they are grouped', async () => {
    const whole = await draw({ keep: 'all', batch: 5 });
    for (const batch of [1, 2, 3]) {
      const parts = await draw({ keep: 'all', batch });
      expect(maxError(parts.samples!, whole.samples!)).toBeLessThan(1e-5);
      expect(maxError(parts.std, whole.std)).toBeLessThan(1e-5);
    }
    const seeds = [4, 3, 2, 1, 0];
    const turned = await draw({ keep: 'all', seeds });
    expect(maxError(tf.reverse(turned.samples!, 0), whole.samples!)).toBeLessThan(1e-5);
  });

  it('has the quantiles of its samples: their least, their median and their largest', async () => {
    const { samples, quantiles } = await draw({ keep: 'all', quantiles: [0, 0.5, 0.625, 1] });
    const rows = (await tf.transpose(tf.reshape(samples!, [5, -1])).array()) as number[][];
    const sorted = rows.map((row) => row.sort((a, b) => a - b));
    const at = (pick: (row: number[]) => number) => Float32Array.from(sorted, pick);
    expect(
      maxError(
        quantiles![0]!,
        at((row) => row[0]!),
      ),
    ).toBe(0);
    expect(
      maxError(
        quantiles![1]!,
        at((row) => row[2]!),
      ),
    ).toBe(0);
    expect(
      maxError(
        quantiles![2]!,
        at((row) => (row[2]! + row[3]!) / 2),
      ),
    ).toBeLessThan(1e-6);
    expect(
      maxError(
        quantiles![3]!,
        at((row) => row[4]!),
      ),
    ).toBe(0);
  });

  it.each([1, 2, 3, 5])(
    'goes on after sample %d to the identical result, from a file',
    async (after) => {
      const whole = await draw({ keep: 'all', batch: 2 });
      let bytes = new Uint8Array();
      const onSample = async ({ index, state }: SampleInfo) => {
        if (index + 1 === after)
          bytes = new Uint8Array(await saveState({ index: after, state }, { photo: 'a' }));
      };
      await draw({ keep: 'all', batch: 2, onSample });
      const resume = (await loadState(bytes, { photo: 'a' })) as Resume<PosteriorState>;
      const rest = await draw({ keep: 'all', batch: 2, resume });
      for (const part of ['mean', 'std', 'samples'] as const)
        expect(maxError(rest[part]!, whole[part]!)).toBe(0);
      expect(rest.consistency).toEqual(whole.consistency);
    },
  );

  it('gives the samples so far when it is aborted, and rejects where there are fewer than two', async () => {
    const stopAfter = (last: number) => {
      const stop = new AbortController();
      const onSample = ({ index }: SampleInfo) => index === last && stop.abort();
      return draw({ batch: 1, signal: stop.signal, onSample: onSample as never });
    };
    const before = tf.memory().numTensors;
    const part = await stopAfter(2);
    const three = await draw({ samples: 3, batch: 1 });
    expect(part.count).toBe(3);
    expect(maxError(part.mean, three.mean)).toBe(0);
    expect(maxError(part.std, three.std)).toBe(0);
    tf.dispose([part.mean, part.std, three.mean, three.std]);
    await expect(stopAfter(0)).rejects.toMatchObject({ name: 'AbortError' });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('holds the same tensors and bytes after each sample, and leaves mean and deviation', async () => {
    const start = tf.memory().numTensors;
    const seen: { tensors: number; bytes: number }[] = [];
    const onSample = () => {
      const { numTensors: tensors, numBytes: bytes } = tf.memory();
      seen.push({ tensors, bytes });
    };
    const { mean, std } = await draw({ samples: 9, batch: 1, onSample });
    expect(seen).toHaveLength(9);
    for (const one of seen.slice(1)) expect(one).toEqual(seen[0]);
    tf.dispose([mean, std]);
    expect(tf.memory().numTensors).toBe(start);
    const failing = () => {
      throw new Error('from onSample');
    };
    await expect(draw({ onSample: failing })).rejects.toThrow('from onSample');
    expect(tf.memory().numTensors).toBe(start);
  });

  it('keeps the sample whose residual is smallest', async () => {
    const { samples: best } = await draw({ keep: 'nearest', batch: 2 });
    const { samples: all } = await draw({ keep: 'all', batch: 2 });
    const images = tf.split(all!, 5) as Tensor4D[];
    const errors = images.map(
      (image) => tf.sum(tf.squaredDifference(image, measurement)).dataSync()[0]!,
    );
    const place = errors.indexOf(Math.min(...errors));
    expect(place).toBeGreaterThan(0);
    expect(maxError(best!, images[place]!)).toBe(0);
  });

  it('leaves out a sample that diverged, and says which', async () => {
    const fragile: NoiseLevelSampler<SamplerState> = {
      ...probabilityFlow(),
      remedy: 'be careful',
      step: ({ x }) => {
        const root = tf.tidy(() =>
          tf.mean(tf.sqrt(tf.slice(x, [0, 0, 0, 0], [-1, 1, 1, 1])), 3, true),
        );
        const next = tf.add<Tensor4D>(x, root);
        return { state: { x: next }, denoised: tf.clone(next) };
      },
    };
    const options = { schedule: [1, 0], samples: 6, keep: 'all', batch: 4 } as const;
    const { count, samples, failures } = await posterior(fragile, problem, options);
    expect(failures.length).toBeGreaterThan(0);
    expect(count).toBe(6 - failures.length);
    expect(samples!.shape[0]).toBe(count);
    expect(tf.all(tf.isFinite(samples!)).dataSync()[0]).toBe(1);
    expect(failures[0]).toMatchObject({ step: 0, advice: 'be careful' });
    const never: Denoiser = { denoise: (x) => tf.mul(x, Number.NaN) };
    const lost = posterior(probabilityFlow(), { ...problem, denoiser: never }, { schedule });
    await expect(lost).rejects.toBeInstanceOf(SamplingError);
  });

  it('rejects options that do not fit, by name', async () => {
    const told = async (options: Partial<PosteriorOptions>) =>
      draw(options).then(String, ({ name, message }: Error) => `${name}: ${message}`);
    expect(
      [
        await told({ samples: 1 }),
        await told({ batch: 0 }),
        await told({ keep: 'some' as never }),
        await told({ quantiles: [0.5] }),
        await told({ keep: 'all', quantiles: [1.5] }),
        await told({ seeds: [1] }),
        await told({ resume: { index: 6, state: { x: measurement } as never } }),
        await told({ resume: { index: 1, state: { x: tf.zeros([1, 2, 2, 3]) } as never } }),
        await told({ colour: 'red' } as never),
        await posterior(mmse(), problem, { schedule }).catch(String),
      ].join('\n'),
    ).toMatchInlineSnapshot(`
      "RangeError: posterior: samples must be an integer >= 2, got 1
      RangeError: posterior: batch must be an integer >= 1, got 0
      RangeError: posterior: keep must be one of none, nearest, all, got some
      RangeError: posterior: keep must be all where quantiles are given, got none
      RangeError: posterior: quantiles must be in [0, 1], got [1.5]
      RangeError: posterior: seeds must be a list of 5 integers, got [1]
      RangeError: posterior: resume.index must be an integer from 0 to 5, got 6
      RangeError: posterior: resume.state.x must be of the shape [1,31,37,3], got [1, 2, 2, 3]
      RangeError: spgd(reverseDiffusion): options must be known ones, got colour
      RangeError: posterior: sampler must be one that draws samples, got mmse"
    `);
  });
});

describe('the consistency of samples', () => {
  it('is about 1 for draws from the posterior, and far more for another image', async () => {
    const clean = tf.randomNormal<tf.Rank.R4>([1, 31, 37, 3], 0.2, 0.6, 'float32', 5);
    const y = measure(identity(), clean, noise, { seed: 1 });
    const exact = gaussianPosterior(y);
    const draws = tf.tidy(() =>
      tf.add<Tensor4D>(exact.mean, tf.mul(tf.randomNormal(y.shape, 0, 1, 'float32', 9), exact.std)),
    );
    const of = consistency;
    const [drawn] = await of({ operator: identity(), measurement: y, noise }, draws);
    const [true_] = await of({ operator: identity(), measurement: y, noise }, clean);
    const [other] = await of({ operator: identity(), measurement: y, noise }, tf.add(clean, 0.2));
    const tolerance = 4 * Math.sqrt(2 / clean.size);
    expect(Math.abs(drawn!.chiSquare! - 1)).toBeLessThan(tolerance);
    expect(Math.abs(true_!.chiSquare! - 1)).toBeLessThan(tolerance);
    expect([drawn!.explains, true_!.explains, other!.explains]).toEqual([true, true, false]);
    expect(true_!.rms).toBeCloseTo(0.1, 2);
    expect(numbers(clean)).toHaveLength(true_!.values);
  });
});

/** The posterior of `y = x + 0.1 n` under the prior of this file. */
function gaussianPosterior(y: Tensor4D): { mean: Tensor4D; std: number } {
  const gain = 0.36 / (0.36 + 0.01);
  const mean = tf.tidy(() => tf.add<Tensor4D>(tf.mul(tf.sub(y, 0.2), gain), 0.2));
  return { mean, std: Math.sqrt(gain * 0.01) };
}
