import { checkType } from '../internal/check';
import { edmSchedule } from '../schedulers/edm-schedule';
import type { NoiseSchedule } from '../schedulers/schedule';
import { vpSchedule } from '../schedulers/vp-schedule';
import { probabilityFlow } from './probability-flow';
import type { NoiseLevelSampler, StepLevel } from './sampler';
import type { SpgdOptions } from './spgd-options';

/** Defaults of `spgdSample`; a caller's own options replace them. */
interface SpgdDefaults {
  readonly schedule: NoiseSchedule;
  readonly base: NoiseLevelSampler;
  readonly options: Partial<SpgdOptions>;
}

/** A bundle of defaults of `spgdSample`, by its name. */
export type SpgdPreset = 'default' | 'released' | 'paper';

type Given = Partial<SpgdOptions>;

const owner = 'spgdSample';

/** Momentum applied, denoised where x is; the schedule of the released code. */
const standard = (): SpgdDefaults => ({
  schedule: edmSchedule({ steps: 100 }),
  base: probabilityFlow(),
  options: {},
});

/** The released code: the momentum is computed there but never applied; N passes a step. */
const released = (): SpgdDefaults => ({
  schedule: edmSchedule({ steps: 100, sigmaMax: 100, sigmaMin: 0.1, rho: 7 }),
  base: probabilityFlow(),
  options: { warmupSteps: 5, momentum: 0, denoiseAt: 'previous', decay: 0.99 },
});

/**
 * The paper's figure: DDIM on a VP schedule, momentum applied, each of N steps zeta / N long on
 * the VP state, which is `(1 + sigma^2) zeta / N` in ours. `learningRate` is zeta.
 */
function paper({ learningRate: zeta, warmupSteps }: Given): SpgdDefaults {
  checkType(typeof zeta === 'number', owner, 'learningRate', 'a number (zeta) for paper', zeta);
  checkType(typeof warmupSteps === 'number', owner, 'warmupSteps', 'given for paper', warmupSteps);
  const perStep = (zeta as number) / warmupSteps!;
  const learningRate = ({ sigma }: StepLevel) => (1 + sigma ** 2) * perStep;
  return {
    schedule: vpSchedule({ steps: 100 }),
    base: probabilityFlow(),
    options: { learningRate, momentum: 0.9, denoiseAt: 'latest', decay: 0 },
  };
}

/** The defaults of each preset, given the caller's options. */
export const spgdPresets: Readonly<Record<SpgdPreset, (options: Given) => SpgdDefaults>> = {
  default: standard,
  released,
  paper,
};
