export type { Baseline, BaselineProblem, LinearBaseline } from './baselines/baseline';
export { bicubic } from './baselines/bicubic';
export { type DecodingOperator, decoded } from './baselines/decoded';
export { hybridInputOutput } from './baselines/hybrid-input-output';
export { linearInterpolation } from './baselines/linear-interpolation';
export { rescaled } from './baselines/rescaled';
export { wiener } from './baselines/wiener';
export {
  type BlindDeblurOptions,
  type BlindDeblurred,
  blindDeblur,
  type TunedDenoiser,
} from './blind-deblur';
export { type Block, type BlockOptions, blocksOf, rampOf } from './blocks';
export { type ChosenSettings, chooseSettings } from './choose-settings';
export {
  type Blur,
  blurKernel,
  blurOperator,
  type FreeBlur,
  type SimpleBlur,
  spreadOf,
} from './diagnosis/blur';
export { type Diagnosis, diagnose, diagnoseBlur } from './diagnosis/diagnose';
export { type BlurEstimate, doubtOf, estimateBlur } from './diagnosis/estimate-blur';
export type { GrayImage } from './diagnosis/gray-image';
export { lineKernel } from './diagnosis/line-kernel';
export { type NoiseKind, noiseKind, removalLevel } from './diagnosis/noise-kind';
export { jpegTask } from './jpeg';
export { nearerHalfTurn } from './nearer-half-turn';
export { nonlinearBlurName, nonlinearBlurTask } from './nonlinear-blur';
export { isAtBorder, type OpenBorder, openBorder } from './open-border';
export { type Method, type Methods, type Quality, qualities } from './quality';
export {
  around,
  clearDamage,
  cropDamage,
  type DamageMap,
  hasDamage,
  type Region,
  type RegionOptions,
  regionsOf,
  regionWindows,
} from './regions';
export {
  type NamedSampler,
  type SamplerParts,
  samplerNamed,
  samplerParts,
  samplers,
  scheduleOf,
} from './samplers';
export type { Settings } from './settings';
export { solutionTime } from './solution-time';
export { aligned, type Damage, noiseOf, type Size, type Task } from './task';
export { taskName, tasks } from './tasks';
