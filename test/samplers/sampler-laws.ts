import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import {
  edmSchedule,
  type ForwardOperator,
  gaussianNoise,
  gaussianPrior,
  identity,
  type Sampler,
  type SamplerState,
  type StepInfo,
  sample,
} from 'spgd';
import { describe, expect, it } from 'vitest';
import { cloneTree } from '../../src/samplers/loop/state-tree';
import { maxError, relativeError } from '../support/close';

const schedule = edmSchedule({ steps: 6, sigmaMax: 10 });
const measurementOf = (batch: number): Tensor4D =>
  tf.randomUniform([batch, 5, 7, 3], -1, 1, 'float32', 3);

const problemOf = (measurement: Tensor4D, operator: ForwardOperator = identity()) => ({
  denoiser: gaussianPrior({ mean: 0.2, std: 0.6 }),
  operator,
  measurement,
  // Above the last noise level, or DDRM would end at y itself.
  noise: gaussianNoise(0.15),
});

/** What a sampler is that the laws cannot find out. */
interface Kind {
  /** It draws nothing: every seed gives the same sample. */
  readonly isDeterministic?: boolean;
}

/** The laws of every sampler, whatever it computes. */
export function samplerLaws<S extends SamplerState>(
  make: () => Sampler<S>,
  { isDeterministic = false }: Kind = {},
): void {
  const run = (measurement: Tensor4D, options: object = {}) =>
    sample(make(), problemOf(measurement), { schedule, ...options });

  describe('keeps the laws', () => {
    it(`gives the same sample for the same seed, seed 0 included, ${isDeterministic ? 'and for any other' : 'and another for another'}`, async () => {
      const y = measurementOf(1);
      const [a, b, c] = [await run(y), await run(y, { seed: 0 }), await run(y, { seed: 1 })];
      const [one, same, other] = [
        await a.sample.data(),
        await b.sample.data(),
        await c.sample.data(),
      ];
      expect(maxError(one, same)).toBe(0);
      if (isDeterministic) expect(maxError(one, other)).toBe(0);
      else expect(maxError(one, other)).toBeGreaterThan(0.01);
    });

    it('gives each item of a batch what it gets alone', async () => {
      const y = measurementOf(3);
      const together = await run(y, { seed: 5 });
      for (const item of [0, 1, 2]) {
        const one = tf.slice(y, [item, 0, 0, 0], [1, -1, -1, -1]);
        const alone = await run(one, { seed: 5 + item });
        const part = tf.slice(together.sample, [item, 0, 0, 0], [1, -1, -1, -1]);
        expect(maxError(await part.data(), await alone.sample.data())).toBeLessThan(1e-4);
      }
    });

    it('reports the residual of the estimate that it reports, at every step', async () => {
      const { operator, noise } = problemOf(measurementOf(1));
      const y = measurementOf(2);
      let steps = 0;
      const onStep = async ({ denoised, error }: StepInfo) => {
        const residual = tf.tidy(() => noise.residual(operator.forward(denoised), y));
        expect(error).toHaveLength(2);
        expect(relativeError(error, await residual.data())).toBeLessThan(1e-5);
        residual.dispose();
        steps++;
      };
      await run(y, { onStep });
      expect(steps).toBe(schedule.length - 1);
    });

    it('continues a saved state to the identical sample', async () => {
      const y = measurementOf(2);
      const whole = await run(y, { seed: 2 });
      let saved: { index: number; state: SamplerState } | undefined;
      const onStep = ({ index, state }: StepInfo) => {
        if (index === 2) saved = { index: 3, state: cloneTree(state) };
      };
      await run(y, { seed: 2, onStep });
      const rest = await run(y, { seed: 2, resume: saved });
      expect(maxError(await rest.sample.data(), await whole.sample.data())).toBe(0);
    });

    it('leaves one tensor, the sample, and none when it is aborted or when onStep throws', async () => {
      const y = measurementOf(2);
      const before = tf.memory().numTensors;
      const { sample: image } = await run(y);
      expect(tf.memory().numTensors).toBe(before + 1);
      image.dispose();

      const stop = new AbortController();
      const abort = ({ index }: StepInfo) => index === 1 && stop.abort();
      const aborted = run(y, { onStep: abort, signal: stop.signal });
      await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });
      expect(tf.memory().numTensors).toBe(before);

      const onStep = () => {
        throw new Error('from onStep');
      };
      await expect(run(y, { onStep })).rejects.toThrow('from onStep');
      expect(tf.memory().numTensors).toBe(before);
    });
  });
}
