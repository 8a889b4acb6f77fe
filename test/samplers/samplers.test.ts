import {
  adamDps,
  daps,
  ddnm,
  ddrm,
  diffpir,
  dps,
  mpgd,
  type NoiseLevelSampler,
  pigdm,
  pnpdm,
  probabilityFlow,
  redDiff,
  reverseDiffusion,
  type SamplerState,
  sitcom,
  spgd,
} from 'spgd';
import { describe } from 'vitest';
import { useTestBackend } from '../support/backend';
import { samplerLaws } from './sampler-laws';

useTestBackend('wasm');

describe('probabilityFlow', () => samplerLaws(probabilityFlow));
describe('reverseDiffusion', () => samplerLaws(reverseDiffusion));
describe('spgd round probabilityFlow', () =>
  samplerLaws(() => spgd(probabilityFlow(), { learningRate: 0.05, warmupSteps: 2 })));
describe('spgd round reverseDiffusion', () =>
  samplerLaws(() => spgd(reverseDiffusion(), { learningRate: 0.05, warmupSteps: 2 })));
describe('spgd round spgd', () =>
  samplerLaws(() =>
    spgd(spgd(probabilityFlow(), { learningRate: 0.05, warmupSteps: 1 }), {
      learningRate: 0.02,
      warmupSteps: 1,
    }),
  ));
describe('spgd with the denoised image of one step before', () =>
  samplerLaws(() =>
    spgd(probabilityFlow(), { learningRate: 0.05, warmupSteps: 2, denoiseAt: 'previous' }),
  ));

/** Samplers that use the measurement, with options that make each law see something. */
const guided: Readonly<Record<string, () => NoiseLevelSampler<SamplerState>>> = {
  ddnm,
  ddrm,
  diffpir: () => diffpir({ zeta: 0.5 }),
  pigdm,
  dps: () => dps({ zeta: 0.2 }),
  'dps on the ODE': () => dps({ zeta: 0.2, eta: 0 }),
  adamDps: adamDps as unknown as () => NoiseLevelSampler<SamplerState>,
  mpgd: () => mpgd({ scale: 0.2 }),
  sitcom: () => sitcom({ optimizationSteps: 2, lambda: 0.1 }),
  daps: () => daps({ odeSteps: 2, chainSteps: 3 }),
  'daps with momentum': () => daps({ odeSteps: 2, chainSteps: 3, momentum: 0.5 }),
};
for (const [name, make] of Object.entries(guided)) {
  describe(name, () => samplerLaws(make));
  describe(`spgd round ${name}`, () =>
    samplerLaws(() => spgd(make(), { learningRate: 0.05, warmupSteps: 2 })));
}

describe('redDiff', () => samplerLaws(redDiff));
describe('pnpdm', () => samplerLaws(() => pnpdm({ odeSteps: 2 })));
