import { adamDps, daps, dps, mpgd, pnpDm, redDiff, sitcom, spgd } from 'spgd';
import { describe } from 'vitest';
import { useTestBackend } from '../support/backend';
import { samplerLaws } from './sampler-laws';

useTestBackend('wasm');

const atNoiseLevel = {
  dps: () => dps({ zeta: 0.05 }),
  'dps on the ODE': () => dps({ zeta: 0.05, eta: 0 }),
  adamDps: () => adamDps({ strength: 0.1 }),
  mpgd: () => mpgd({ scale: 0.5 }),
  sitcom: () => sitcom({ innerSteps: 3 }),
  daps: () => daps({ odeSteps: 2, innerSteps: 3, learningRate: 1e-3, tau: 0.2 }),
  'daps by HMC': () =>
    daps({ odeSteps: 2, innerSteps: 3, learningRate: 1e-3, tau: 0.2, momentum: 0.5 }),
};
for (const [name, make] of Object.entries(atNoiseLevel)) {
  describe(name, () => samplerLaws(make as () => ReturnType<typeof dps>));
  describe(`spgd round ${name}`, () =>
    samplerLaws(() =>
      spgd(make() as ReturnType<typeof dps>, { learningRate: 0.05, warmupSteps: 2 }),
    ));
}

describe('redDiff', () => samplerLaws(redDiff));
describe('pnpDm', () => samplerLaws(() => pnpDm({ denoiseSteps: 3 })));
