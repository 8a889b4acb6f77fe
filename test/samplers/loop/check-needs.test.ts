import * as tf from '@tensorflow/tfjs';
import {
  gaussianNoise,
  gaussianPrior,
  type InverseProblem,
  type LinearOperator,
  linearOperator,
  phaseRetrieval,
  type Sampler,
  type SamplerState,
  sample,
  superResolution,
} from 'spgd';
import { describe, expect, it } from 'vitest';
import { errorNaming } from '../../support/error-naming';

const linearOnly: Sampler<SamplerState, InverseProblem<LinearOperator>> = {
  name: 'linearOnly',
  needs: ['adjoint', 'noiseStd'],
  init: (_problem, run) => ({ x: run.initial() }),
  step: ({ x }, { operator, measurement }) => ({
    state: { x },
    denoised: operator.adjoint(measurement),
  }),
};

const schedule = [1, 0];
const measurement = tf.zeros<tf.Rank.R4>([1, 8, 8, 1]);
const denoiser = gaussianPrior();
const noise = gaussianNoise(0.1);

describe('what a sampler needs of a problem', () => {
  it('is a type: an operator without it does not compile, and is refused before the first step', async () => {
    const problem = {
      denoiser,
      operator: phaseRetrieval({ oversample: 2 }),
      measurement: tf.zeros<tf.Rank.R4>([1, 6, 6, 1]),
      noise,
    };
    // @ts-expect-error phaseRetrieval has no adjoint
    const refused = sample(linearOnly, problem, { schedule, imageShape: [4, 4, 1] });
    await expect(refused).rejects.toThrow(
      errorNaming('TypeError', 'linearOnly: operator', 'with adjoint', 'got phaseRetrieval'),
    );
  });

  it('can be noise of a known level, which has no default and is above 0', async () => {
    const operator = superResolution({ scale: 2 });
    const problem = { denoiser, operator, measurement };
    const refused = sample(linearOnly, problem, { schedule });
    await expect(refused).rejects.toThrow(
      errorNaming('TypeError', 'linearOnly: noise', 'gaussianNoise(2 / 255)', 'got undefined'),
    );
    const exact = sample(linearOnly, { ...problem, noise: gaussianNoise(0) }, { schedule });
    await expect(exact).rejects.toThrow(
      errorNaming('RangeError', 'linearOnly: noise', 'std > 0', 'gaussianNoise(0.01)', 'got std 0'),
    );
  });

  it('is told of a linear operator by its parts alone', () => {
    const operator = linearOperator({
      name: 'half',
      forward: (x) => tf.mul(x, 0.5),
      adjoint: (y) => tf.mul(y, 0.5),
    });
    expect('solve' in operator && 'pseudoInverse' in operator).toBe(true);
    expect('spectrum' in operator).toBe(false);
  });
});
