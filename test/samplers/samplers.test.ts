import { ddnm, ddrm, diffpir, pigdm, probabilityFlow, reverseDiffusion, spgd } from 'spgd';
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

const guided = { ddnm, ddrm, diffpir: () => diffpir({ zeta: 0.5 }), pigdm };
for (const [name, make] of Object.entries(guided)) {
  describe(name, () => samplerLaws(make));
  describe(`spgd round ${name}`, () =>
    samplerLaws(() => spgd(make(), { learningRate: 0.05, warmupSteps: 2 })));
}
