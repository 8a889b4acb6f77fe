import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import {
  type Denoiser,
  edmSchedule,
  gaussianPrior,
  identity,
  probabilityFlow,
  SamplingError,
  type StepInfo,
  sample,
  spgd,
  spgdSample,
  steps,
  superResolution,
} from 'spgd';
import { describe, expect, it } from 'vitest';
import { useTestBackend } from '../../support/backend';
import { maxError } from '../../support/close';
import { errorNaming, naming } from '../../support/error-naming';

useTestBackend('cpu');

const schedule = edmSchedule({ steps: 5 });
const denoiser = gaussianPrior();
const zeros = (...shape: [number, number, number, number]): Tensor4D => tf.zeros(shape);
const problem = () => ({ denoiser, operator: identity(), measurement: zeros(1, 4, 4, 3) });

describe('the loop', () => {
  it('tells every step, in order, with errors that fall as spgd moves to the measurement', async () => {
    const seen: StepInfo[] = [];
    const onStep = (info: StepInfo) => {
      seen.push(info);
    };
    const sampler = spgd(probabilityFlow(), { learningRate: 0.3, decay: 0 });
    const measurement: Tensor4D = tf.fill([1, 4, 4, 3], 0.5);
    await sample(sampler, { ...problem(), measurement }, { schedule, onStep });
    expect(seen.map(({ index, total }) => [index, total])).toEqual(
      [0, 1, 2, 3, 4].map((i) => [i, 5]),
    );
    expect(seen.map(({ sigma }) => sigma)).toEqual(schedule.slice(0, 5));
    expect(seen.at(-1)!.error![0]).toBeLessThan(seen[0]!.error![0]!);
  });

  it('is the same as an async generator, which may be left early without a leak', async () => {
    const { sample: whole } = await sample(probabilityFlow(), problem(), { schedule });
    const loop = steps(probabilityFlow(), problem(), { schedule });
    let last: Float32Array | undefined;
    for await (const { x } of loop) last = x.dataSync<'float32'>().slice();
    expect(maxError(last!, whole)).toBe(0);
    const given = problem();
    const before = tf.memory().numTensors;
    for await (const { index } of steps(probabilityFlow(), given, { schedule }))
      if (index === 1) break;
    expect(tf.memory().numTensors).toBe(before);
  });

  it('names the seeds of items one by one', async () => {
    const measurement = zeros(2, 4, 4, 3);
    const run = (options: object) =>
      sample(probabilityFlow(), { ...problem(), measurement }, { schedule, ...options });
    const [a, b] = [await run({ seed: 7 }), await run({ seeds: [7, 8] })];
    expect(maxError(a.sample, b.sample)).toBe(0);
  });

  it('starts from a given x_T, which stays the caller’s', async () => {
    const start: Tensor4D = tf.fill([1, 4, 4, 3], 5);
    await sample(probabilityFlow(), problem(), { schedule, start });
    expect(start.isDisposed).toBe(false);
  });

  it('awaits an abort within one network pass', async () => {
    const stop = new AbortController();
    let passes = 0;
    const counting: Denoiser = {
      denoise(x, sigma) {
        if (++passes === 3) stop.abort();
        return denoiser.denoise(x, sigma);
      },
    };
    const sampler = spgd(probabilityFlow(), { learningRate: 0.1, warmupSteps: 5 });
    const run = sample(
      sampler,
      { ...problem(), denoiser: counting },
      { schedule, signal: stop.signal },
    );
    await expect(run).rejects.toMatchObject({ name: 'AbortError' });
    // The tape denoises twice for one gradient; the pass under way is finished, no other begins.
    expect(passes).toBeLessThanOrEqual(4);
  });

  it('does not begin when it is aborted already', async () => {
    const run = sample(probabilityFlow(), problem(), { schedule, signal: AbortSignal.abort() });
    await expect(run).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('leaks nothing over 200 steps', async () => {
    const given = problem();
    const before = tf.memory().numTensors;
    const counts = new Set<number>();
    const onStep = () => {
      counts.add(tf.memory().numTensors);
    };
    const sampler = spgd(probabilityFlow(), { learningRate: 0.01, warmupSteps: 2 });
    const options = { schedule: edmSchedule({ steps: 200 }), onStep };
    const { sample: image } = await sample(sampler, given, options);
    expect(counts.size).toBe(1);
    image.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('an item that diverges', () => {
  /** Gives NaN for the item whose first pixel is marked, from a noise level on. */
  const poisoned = (marked: number): Denoiser => ({
    denoise: (x, sigma) =>
      tf.tidy(() => {
        const image = denoiser.denoise(x, sigma);
        const rows = Array.from({ length: x.shape[0] }, (_, i) => (i === marked ? Number.NaN : 0));
        const poison = tf.tensor4d(rows, [x.shape[0], 1, 1, 1]);
        return sigma < 20 ? tf.add(image, poison) : image;
      }),
  });

  it('ends alone: the others finish as without it, in one error that says step and remedy', async () => {
    const measurement = zeros(3, 4, 4, 3);
    const given = { ...problem(), measurement };
    const sampler = spgd(probabilityFlow(), { learningRate: 0.1 });
    const healthy = await sample(sampler, given, { schedule });
    const before = tf.memory().numTensors;
    const bad = sample(sampler, { ...given, denoiser: poisoned(1) }, { schedule });
    const error: SamplingError = await bad.catch((reason) => reason);
    expect(error).toBeInstanceOf(SamplingError);
    expect(error.message).toMatchInlineSnapshot(
      `"item 1 became NaN or infinite at step 2: the denoiser gave it for a finite image at sigma 7.177132302454142"`,
    );
    expect(error.failures.map(({ item, step }) => [item, step])).toEqual([[1, 2]]);
    expect(error.finished.map(({ item }) => item)).toEqual([0, 2]);
    for (const { item, sample: image } of error.finished) {
      const part = tf.slice(healthy.sample, [item, 0, 0, 0], [1, -1, -1, -1]);
      expect(maxError(image, part)).toBe(0);
      tf.dispose([image, part]);
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  it('ends the run at once when no other is left', async () => {
    let last = -1;
    const onStep = ({ index }: StepInfo) => {
      last = index;
    };
    const run = sample(
      probabilityFlow(),
      { ...problem(), denoiser: poisoned(0) },
      { schedule, onStep },
    );
    await expect(run).rejects.toThrow(SamplingError);
    expect(last).toBe(2);
  });
});

describe('what does not fit is refused before the first pass', () => {
  /** The error of a run, as text; a leak is an error of its own. */
  const refusal = async (options: object, parts: object = {}): Promise<string> => {
    const given = { ...problem(), ...parts };
    const before = tf.memory().numTensors;
    const run = sample(probabilityFlow(), given, { schedule, ...options });
    const text = await run.then(() => 'no error', String);
    return tf.memory().numTensors === before ? text : `${text}, and a leak`;
  };

  it('a schedule that does not fall', async () => {
    expect(await refusal({ schedule: [1, 2, 0] })).toMatch(
      naming('RangeError: probabilityFlow: schedule[1]', 'less than 1', 'got 2'),
    );
  });
  it('a measurement that is no batch of images', async () => {
    const measurement = tf.zeros([4, 4, 3]);
    expect(await refusal({}, { measurement })).toMatch(
      naming(
        'TypeError: probabilityFlow: measurement',
        '[batch, height, width, channels]',
        'got [4, 4, 3]',
      ),
    );
  });
  it('a measurement that the operator cannot have made', async () => {
    const operator = superResolution({ scale: 4 });
    const imageShape = [20, 20, 3];
    expect(await refusal({ imageShape }, { operator })).toMatch(
      naming(
        'RangeError: probabilityFlow: measurement',
        '[1,20,20,3]',
        '[1,5,5,3]',
        'got [1, 4, 4, 3]',
      ),
    );
  });
  it('an image that the denoiser cannot take', async () => {
    const of = (parts: Partial<Denoiser>) => ({ denoiser: { ...denoiser, ...parts } });
    expect(await refusal({}, of({ multipleOf: 8 }))).toMatch(
      naming(
        'RangeError: probabilityFlow: image',
        'of a height and width that divide by 8',
        'got [4, 4]',
      ),
    );
    expect(await refusal({}, of({ imageShape: [null, null, 1] }))).toMatch(
      naming(
        'RangeError: probabilityFlow: image',
        'any x any x 1, as the denoiser takes it',
        'got [4, 4, 3]',
      ),
    );
  });
  it('seeds that are no integers, or too few', async () => {
    expect(await refusal({ seed: 1.5 })).toMatch(
      naming('RangeError: probabilityFlow: seed', 'integer', 'got 1.5'),
    );
    expect(await refusal({ seeds: [1, 2] })).toMatch(
      naming('RangeError: probabilityFlow: seeds', 'a list of 1 integers', 'got [1, 2]'),
    );
  });
  it('a start of another shape', async () => {
    const start = zeros(1, 4, 5, 3);
    expect(await refusal({ start })).toMatch(
      naming('RangeError: probabilityFlow: start', '[1,4,4,3]', 'got [1, 4, 5, 3]'),
    );
  });
  it('a step to resume that does not exist', async () => {
    const state = { x: zeros(1, 4, 4, 3) };
    expect(await refusal({ resume: { index: 5, state } })).toMatch(
      naming('RangeError: probabilityFlow: resume.index', 'integer', 'got 5'),
    );
  });
  it('a denoiser that was not awaited, and a bare number as noise', async () => {
    const waiting = Promise.resolve(denoiser);
    expect(await refusal({}, { denoiser: waiting })).toMatch(
      naming(
        'TypeError: probabilityFlow: denoiser',
        '(is loadDenoiser awaited?)',
        'got [object Promise]',
      ),
    );
    expect(await refusal({}, { noise: 0.01 })).toMatch(
      naming('TypeError: probabilityFlow: noise', 'gaussianNoise(0.01)', 'got 0.01'),
    );
    expect(await refusal({}, { operator: undefined })).toMatch(
      naming('TypeError: probabilityFlow: operator', 'with forward', 'got undefined'),
    );
  });
  it('no schedule, and an option that does not exist', async () => {
    expect(await refusal({ schedule: undefined })).toMatch(
      naming('TypeError: probabilityFlow: schedule', 'a list of noise levels', 'got undefined'),
    );
    expect(await refusal({ steps: 10 })).toMatch(
      naming('RangeError: probabilityFlow: options', 'known ones', 'got steps'),
    );
  });
  it('a preset that does not exist', () => {
    const preset = 'fastest' as 'paper';
    expect(() => spgdSample({ ...problem(), learningRate: 1, preset })).toThrow(
      errorNaming(
        'RangeError',
        'spgdSample: preset',
        'one of default, released, paper',
        'got fastest',
      ),
    );
  });
  it('the preset paper without what the paper does not publish', () => {
    const paper = { ...problem(), learningRate: 1, preset: 'paper' as const };
    expect(() => spgdSample(paper)).toThrow(
      errorNaming('TypeError', 'spgdSample: warmupSteps', 'given for paper', 'got undefined'),
    );
  });
});
