export { psnr } from './metrics/psnr';
export { ssim } from './metrics/ssim';
export type { ByteInput, ByteSource } from './models/checkpoint/byte-source';
export { type ConvertOptions, convertCheckpoint } from './models/convert-checkpoint';
export {
  cosineBetas,
  type DdpmOptions,
  ddpmDenoiser,
  linearBetas,
  type Prediction,
} from './models/ddpm-denoiser';
export type { Denoiser } from './models/denoiser';
export { type EdmOptions, edmDenoiser } from './models/edm-denoiser';
export { type GaussianPriorOptions, gaussianPrior } from './models/gaussian-prior';
export { type IddpmOptions, iddpmDenoiser } from './models/iddpm-denoiser';
export {
  type LoadDenoiserOptions,
  type LoadedDenoiser,
  loadDenoiser,
} from './models/load-denoiser';
export type { ModelMetadata } from './models/model-metadata';
export type { Network } from './models/network';
export { veDenoiser } from './models/ve-denoiser';
export { type VpOptions, vpDenoiser } from './models/vp-denoiser';
export { boxMask } from './operators/box-mask';
export { compose } from './operators/compose';
export { gaussianBlur } from './operators/gaussian-blur';
export { highDynamicRange } from './operators/high-dynamic-range';
export { identity } from './operators/identity';
export { inpainting } from './operators/inpainting';
export { linear } from './operators/linear';
export { measure } from './operators/measure';
export { motionBlur } from './operators/motion-blur';
export { motionKernel } from './operators/motion-kernel';
export { gaussianNoise } from './operators/noise/gaussian-noise';
export type { Noise, Random } from './operators/noise/noise';
export type { ForwardOperator, LinearOperator, Shape4D, Spectrum } from './operators/operator';
export { phaseRetrieval } from './operators/phase-retrieval';
export { randomMask } from './operators/random-mask';
export { superResolution } from './operators/super-resolution';
export type { ImageShape } from './samplers/check-problem';
export type { Similarity } from './samplers/directional-momentum';
export { type LikelihoodGradient, likelihoodGradient } from './samplers/likelihood-gradient';
export type { PresetName } from './samplers/presets';
export { probabilityFlow } from './samplers/probability-flow';
export { reverseDiffusion } from './samplers/reverse-diffusion';
export {
  type ProblemOptions,
  type Resume,
  type RunOptions,
  type SampleOptions,
  type SampleResult,
  type StepInfo,
  sample,
} from './samplers/sample';
export type {
  InverseProblem,
  RunContext,
  Sampler,
  SamplerState,
  StateTree,
  Step,
  StepLevel,
} from './samplers/sampler';
export { type FinishedItem, type ItemFailure, SamplingError } from './samplers/sampling-error';
export { type NoiseLevelSampler, type SpgdOptions, spgd } from './samplers/spgd';
export { type SpgdSampleOptions, spgdSample } from './samplers/spgd-sample';
export { steps } from './samplers/steps';
export { edmSchedule } from './schedulers/edm-schedule';
export { logSchedule } from './schedulers/log-schedule';
export type { NoiseSchedule } from './schedulers/schedule';
export { vpSchedule } from './schedulers/vp-schedule';
