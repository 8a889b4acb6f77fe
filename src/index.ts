export type { Denoiser } from './models/denoiser';
export type { Network } from './models/network';
export type { Noise, Random } from './operators/noise/noise';
export type { ForwardOperator, LinearOperator, Shape4D, Spectrum } from './operators/operator';
export type {
  InverseProblem,
  RunContext,
  Sampler,
  SamplerState,
  StateTree,
  Step,
  StepLevel,
} from './samplers/sampler';
export type { NoiseSchedule } from './schedulers/schedule';
