import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import {
  daps,
  ddpmDenoiser,
  dps,
  gaussianNoise,
  type LoadDenoiserOptions,
  type LoadedDenoiser,
  type NoiseLevelSampler,
  type RunContext,
  type SamplerState,
  superResolution,
} from 'spgd';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useTestBackend } from '../support/backend';
import { normError } from '../support/close';
import type { Fixture } from '../support/fixtures';
import { fixtureDenoiser } from '../support/model';
import { released } from '../support/references';

/** The variance-exploding state of a variance-preserving one. */
const exploding = (x: Tensor4D, sigma: number): Tensor4D => tf.mul(x, Math.sqrt(1 + sigma ** 2));

interface Case {
  readonly reference: Fixture;
  readonly sampler: NoiseLevelSampler<SamplerState>;
  readonly denoiser: LoadedDenoiser;
  /** State i of the public code, in our coordinates. */
  state(i: number, sigma: number): Tensor4D;
  /** How many numbers step i draws. */
  draws(i: number): number;
}

/** Takes each recorded step from the recorded state with the recorded noise. */
async function stepErrors({ reference, sampler, denoiser, state, draws }: Case) {
  const schedule = [...reference.values('schedule')];
  const total = schedule.length - 1;
  const measurement: Tensor4D = reference.tensor('measurement');
  const problem = {
    denoiser,
    operator: superResolution({ scale: 4 }),
    measurement,
    noise: gaussianNoise(0.05),
  };
  const { shape } = state(0, 1);
  const errors: { x: number; denoised: number }[] = [];
  let draw = 0;
  for (let index = 0; index < total; index++) {
    const run: RunContext = {
      shape,
      schedule,
      initial: () => state(0, schedule[0]!),
      normal: () => reference.tensor(`noise_${draw++}`),
      tick: async () => {},
    };
    const before = draw;
    const [sigma, sigmaNext] = [schedule[index]!, schedule[index + 1]!];
    const x = state(index, sigma);
    const step = await sampler.step({ x }, problem, { index, total, sigma, sigmaNext }, run);
    draw = before + draws(index);
    errors.push({
      x: normError(step.state.x, state(index + 1, sigmaNext)),
      denoised: normError(step.denoised, reference.values(`denoised_${index}`)),
    });
  }
  console.log(sampler.name, errors.map(({ x }) => x.toExponential(1)).join(' '));
  return errors;
}

describe('with the noise that the public code drew', () => {
  useTestBackend('wasm');
  const loaded: LoadedDenoiser[] = [];
  const load = async (options?: LoadDenoiserOptions) => {
    const denoiser = await fixtureDenoiser(released, options);
    loaded.push(denoiser);
    return denoiser;
  };
  let ddpm: LoadedDenoiser;
  let vp: LoadedDenoiser;
  beforeAll(async () => {
    ddpm = await load({ precondition: (network) => ddpmDenoiser(network) });
    vp = await load();
  });
  afterAll(() => {
    for (const denoiser of loaded) denoiser.dispose();
  });

  const check = (errors: { x: number; denoised: number }[]) => {
    for (const { x, denoised } of errors) {
      expect(x).toBeLessThan(1e-5);
      // At sigma 157 the network's rounding is multiplied by sigma.
      expect(denoised).toBeLessThan(1e-4);
    }
  };

  it('each step of dps is that of DPS with fixed small variance', async () => {
    const reference = released.fixture('dps');
    const errors = await stepErrors({
      reference,
      sampler: dps({ zeta: Number(reference.metadata.scale) }),
      denoiser: ddpm,
      state: (i, sigma) => exploding(reference.tensor(`x_${i}`), sigma),
      draws: () => 1,
    });
    expect(errors).toHaveLength(6);
    check(errors);
  });

  it.each([
    ['langevin', 0],
    ['hmc', 1],
  ])('each step of daps is that of DAPS, by %s', async (name, first) => {
    const reference = released.fixture(`daps-${name}`);
    const number = (key: string) => Number(reference.metadata[key]);
    const steps = reference.values('schedule').length - 1;
    const innerSteps = number('num_steps');
    const errors = await stepErrors({
      reference,
      sampler: daps({
        odeSteps: number('ode_steps'),
        innerSteps,
        learningRate: number('lr'),
        tau: number('tau'),
        momentum: number('momentum') || 0,
        // The public code divides the step by one more than the number of steps.
        decay: ((1 - number('lr_min_ratio')) * steps) / (steps + 1),
      }),
      denoiser: vp,
      state: (i) => reference.tensor(`x_${i}`),
      draws: () => first + innerSteps + 1,
    });
    expect(errors).toHaveLength(3);
    check(errors);
  });
});
