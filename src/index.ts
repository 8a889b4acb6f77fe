export type { ImageMap } from './internal/adjoint-pair';
export type { BlurNetwork } from './internal/blur-network';
export { addToMoments, type Moments, momentsStd, type RunningMoments } from './internal/moments';
export type { Tile } from './internal/tiles';
export { calibrate, coverage, type RestoredPhoto } from './metrics/calibrate';
export { fid, type ImageBatches } from './metrics/fid';
export { frechetDistance } from './metrics/frechet-distance';
export {
  type CredibleInterval,
  credibleInterval,
  type IntervalOptions,
  intervalFactor,
} from './metrics/interval';
export { type LoadLpipsOptions, type Lpips, loadLpips } from './metrics/lpips';
export { psnr } from './metrics/psnr';
export { ssim } from './metrics/ssim';
export type { ByteInput, ByteSource } from './models/checkpoint/byte-source';
export {
  cosineBetas,
  type DdpmOptions,
  ddpmDenoiser,
  linearBetas,
} from './models/ddpm-denoiser';
export type { Denoiser, Linearized } from './models/denoiser';
export { type EdmOptions, edmDenoiser } from './models/edm-denoiser';
export { estimateMemory, type MemoryEstimate } from './models/estimate-memory';
export { type GaussianComponent, gaussianMixture } from './models/gaussian-mixture';
export { type GaussianPriorOptions, gaussianPrior } from './models/gaussian-prior';
export type { Layer, OpName, Program } from './models/graph/layer';
export type { Precision } from './models/graph/op';
export { grayscaleDenoiser } from './models/grayscale-denoiser';
export { type IddpmOptions, iddpmDenoiser } from './models/iddpm-denoiser';
export { linearize } from './models/linearize';
export { type LoadBlurNetworkOptions, loadBlurNetwork } from './models/load-blur-network';
export {
  type LoadDenoiserOptions,
  type LoadedDenoiser,
  loadDenoiser,
} from './models/load-denoiser';
export type {
  DdpmPreconditioning,
  EdmPreconditioning,
  IddpmPreconditioning,
  ModelMetadata,
  ModelOrigin,
  NoiseLevelPreconditioning,
  Preconditioning,
  ProgramMetadata,
  TaskSettings,
  VePreconditioning,
  VpPreconditioning,
  WeightDtype,
} from './models/model-metadata';
export type { LinearizedNetwork, Network } from './models/network';
export type { LpipsNet } from './models/networks/lpips-nets';
export { type NoiseLevelOptions, noiseLevelDenoiser } from './models/noise-level-denoiser';
export type { Prediction } from './models/prediction';
export {
  type KnownTiles,
  type TiledDenoiserOptions,
  tiledDenoiser,
  tilesOf,
} from './models/tiled-denoiser';
export { veDenoiser } from './models/ve-denoiser';
export { type VpOptions, vpDenoiser } from './models/vp-denoiser';
export { type AveragePoolingOptions, averagePooling } from './operators/average-pooling';
export type { BlurKernel, GivenKernel } from './operators/blur-kernel';
export { type BoxMaskOptions, boxMask } from './operators/box-mask';
export { type CircularBlurOptions, circularBlur } from './operators/circular-blur';
export {
  type ColorizationOperator,
  type ColorizationOptions,
  colorization,
} from './operators/colorization';
export { compose } from './operators/compose';
export { type Autoencoder, decoder } from './operators/decoder';
export { type DefocusBlurOptions, defocusBlur } from './operators/defocus-blur';
export {
  type BayerPattern,
  type DemosaicingOperator,
  type DemosaicingOptions,
  demosaicing,
} from './operators/demosaicing';
export { discKernel } from './operators/disc-kernel';
export { type GaussianBlurOptions, gaussianBlur } from './operators/gaussian-blur';
export { type HighDynamicRangeOptions, highDynamicRange } from './operators/high-dynamic-range';
export { type IdentityOperator, identity } from './operators/identity';
export {
  type InpaintingOperator,
  type InpaintingOptions,
  inpainting,
} from './operators/inpainting';
export type { Subsampling } from './operators/jpeg/cell';
export { type JpegOperator, type JpegOptions, jpeg } from './operators/jpeg/jpeg';
export type {
  JpegFile,
  JpegInfo,
  JpegPlane,
  ReadJpegOptions,
} from './operators/jpeg/jpeg-file';
export { cellsOf, jpegMeasurement } from './operators/jpeg/jpeg-measurement';
export { jpegInfo, readJpeg } from './operators/jpeg/read-jpeg';
export { type QuantizationTable, qualityOf, standardTables } from './operators/jpeg/tables';
export { type LinearOptions, linear } from './operators/linear';
export { type LinearOperatorParts, linearOperator } from './operators/linear-operator';
export { type MeasureOptions, measure } from './operators/measure';
export { type MotionBlurOptions, motionBlur } from './operators/motion-blur';
export { type MotionKernelOptions, motionKernel } from './operators/motion-kernel';
export { estimateNoise, type NoiseEstimate } from './operators/noise/estimate-noise';
export { gaussianNoise } from './operators/noise/gaussian-noise';
export {
  type IndependentChannelsOptions,
  independentChannels,
} from './operators/noise/independent-channels';
export type { GaussianNoise, Noise, Random } from './operators/noise/noise';
export { type PoissonNoiseOptions, poissonNoise } from './operators/noise/poisson-noise';
export { roundingNoise } from './operators/noise/rounding-noise';
export { type NonlinearBlurOptions, nonlinearBlur } from './operators/nonlinear-blur';
export { type NonlinearKernelOptions, nonlinearKernel } from './operators/nonlinear-kernel';
export type {
  ConditionalNoise,
  ConditionalOperator,
  ForwardOperator,
  LinearOperator,
  ProximalOperator,
  Shape4D,
  SolvableOperator,
  SolveEffort,
  SpectralOperator,
  Spectrum,
} from './operators/operator';
export { type PhaseRetrievalOptions, phaseRetrieval } from './operators/phase-retrieval';
export { type RandomMaskOptions, randomMask } from './operators/random-mask';
export { type RegionalBlurOptions, regionalBlur } from './operators/regional-blur';
export { type SuperResolutionOptions, superResolution } from './operators/super-resolution';
export { type AdamOptions, type AdamState, adam } from './samplers/adam';
export { type AdamDpsOptions, type AdamDpsState, adamDps } from './samplers/adam-dps';
export { type BestOfOptions, type BestOfState, bestOf } from './samplers/best-of';
export { type DapsOptions, daps } from './samplers/daps';
export { ddnm } from './samplers/ddnm';
export { type DdrmOptions, ddrm } from './samplers/ddrm';
export { type DiffpirOptions, diffpir } from './samplers/diffpir';
export {
  type DirectionalMomentumOptions,
  directionalMomentum,
  type Similarity,
} from './samplers/directional-momentum';
export { type DpirOptions, dpir } from './samplers/dpir';
export { type DpsOptions, dps } from './samplers/dps';
export type { GradientTransform } from './samplers/gradient-transform';
export { type LikelihoodGradient, likelihoodGradient } from './samplers/likelihood-gradient';
export type { ImageShape } from './samplers/loop/check-problem';
export { type Consistency, consistency, joinConsistency } from './samplers/loop/consistency';
export { countPasses, type Passes, watchedDenoiser } from './samplers/loop/count-passes';
export {
  type Directions,
  type GradientAngles,
  gradientAngles,
} from './samplers/loop/gradient-angles';
export { posterior } from './samplers/loop/posterior';
export type {
  PosteriorOptions,
  PosteriorResult,
  PosteriorState,
  SampleInfo,
} from './samplers/loop/posterior-options';
export type {
  ProblemOptions,
  Resume,
  RunOptions,
  SampleResult,
  StateOrigin,
  StepInfo,
} from './samplers/loop/run';
export { type SampleOptions, sample } from './samplers/loop/sample';
export { type FinishedItem, type ItemFailure, SamplingError } from './samplers/loop/sampling-error';
export { loadState, saveState } from './samplers/loop/save-state';
export { steps } from './samplers/loop/steps';
export { type TracedGradient, tracedDenoiser } from './samplers/loop/traced-denoiser';
export { type MeanOfOptions, type MeanOfState, meanOf } from './samplers/mean-of';
export { mmse } from './samplers/mmse';
export { type MpgdOptions, mpgd } from './samplers/mpgd';
export type { Candidate } from './samplers/nearest-fit';
export { type PigdmOptions, pigdm } from './samplers/pigdm';
export { type PnpDmOptions, pnpDm } from './samplers/pnp-dm';
export { probabilityFlow } from './samplers/probability-flow';
export { type RedDiffOptions, type RedDiffState, redDiff } from './samplers/red-diff';
export { reverseDiffusion } from './samplers/reverse-diffusion';
export type {
  InverseProblem,
  Need,
  NoiseLevelSampler,
  RunContext,
  Sampler,
  SamplerState,
  StateTree,
  Step,
  StepLevel,
} from './samplers/sampler';
export { type SelfEnsembleOptions, selfEnsemble } from './samplers/self-ensemble';
export { type SitcomOptions, sitcom } from './samplers/sitcom';
export { spgd } from './samplers/spgd';
export type { SpgdOptions } from './samplers/spgd-options';
export type { SpgdPreset } from './samplers/spgd-presets';
export { type SpgdSampleOptions, spgdSample } from './samplers/spgd-sample';
export { type DpirScheduleOptions, dpirSchedule } from './schedulers/dpir-schedule';
export { type EdmScheduleOptions, edmSchedule } from './schedulers/edm-schedule';
export { type LogScheduleOptions, logSchedule } from './schedulers/log-schedule';
export type { NoiseSchedule } from './schedulers/schedule';
export { type VpScheduleOptions, vpSchedule } from './schedulers/vp-schedule';
