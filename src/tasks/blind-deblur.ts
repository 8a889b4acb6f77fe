import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import {
  consistency,
  type Denoiser,
  gaussianNoise,
  type LoadedDenoiser,
  type SampleOptions,
  sample,
} from 'spgd';
import { chooseSettings } from './choose-settings';
import { type Blur, blurOperator } from './diagnosis/blur';
import { diagnoseBlur } from './diagnosis/diagnose';
import { type BlurEstimate, doubtOf } from './diagnosis/estimate-blur';
import { openBorder } from './open-border';
import type { Quality } from './quality';
import { samplerNamed, scheduleOf } from './samplers';

/** A prior, perhaps with settings of its own. */
export type TunedDenoiser = Denoiser & Partial<Pick<LoadedDenoiser, 'metadata'>>;

/** Options of `blindDeblur`. */
export interface BlindDeblurOptions extends Pick<SampleOptions, 'seed' | 'signal' | 'onStep'> {
  /** The prior; where it names settings for `gaussian-blur`, those are taken. */
  readonly denoiser: TunedDenoiser;
  /** One blurred photo, `[1, height, width, channels]`, values in [-1, 1], at least 64 x 64. */
  readonly measurement: Tensor4D;
  /**
   * Standard deviation of its noise on the [-1, 1] scale, > 0.
   * @default estimated, at least the rounding of 8 bits
   */
  readonly noiseStd?: number;
  /**
   * How long it may take.
   * @default 'balanced'
   */
  readonly quality?: Quality;
}

/** What became of a blurred photo. */
export interface BlindDeblurred {
  /** The restored photo, or a copy where nothing was undone; the caller disposes it. */
  readonly sample: Tensor4D;
  /** What its spectrum tells of the blur; undefined for a photo that is too small. */
  readonly estimate: BlurEstimate | undefined;
  /** The blur that was undone: at most as wide as the estimate. Undefined where the photo was left. */
  readonly blur?: Blur;
  /** Why the result may be worse than the photo; undefined where the blur is certain, or nothing was undone. */
  readonly warning?: string;
}

/** The noise of an 8-bit photo is never smaller than its rounding. */
const leastNoise = 0.0025;

/**
 * Sizes that are tried, as shares of the estimate. Too wide a blur leaves ringing, which the prior
 * does not allow, so that the result does not explain the photo; too narrow a one does little harm.
 */
const shares = [1, 0.87, 0.75];

/** How much noise is assumed with a blur of any shape: the errors of its kernel are more noise. */
const noisier = [1, 2];

/** What is tried in turn: a blur and narrower ones, or one of any shape with more noise. */
const attemptsFor = (blur: Blur, std: number): readonly { blur: Blur; std: number }[] =>
  blur.kind === 'free'
    ? noisier.map((factor) => ({ blur, std: factor * std }))
    : shares.map((share) => ({ blur: { ...blur, size: share * blur.size }, std }));

/**
 * Undoes a blur that nobody knows: `diagnoseBlur` finds a Gaussian, a disc, a straight line or the streak of a
 * shaking camera, and the photo is restored with it. Where the result does not explain the photo, narrower blurs
 * are tried, or a streak with twice the noise. Where the evidence is poor, or nothing explains the photo, it is left as
 * it is.
 *
 * @throws RangeError for a measurement of more than one photo.
 */
export async function blindDeblur({
  denoiser,
  measurement,
  noiseStd,
  quality = 'balanced',
  ...run
}: BlindDeblurOptions): Promise<BlindDeblurred> {
  const [batch, height, width, channels] = measurement.shape;
  if (batch !== 1) throw new RangeError(`blindDeblur: measurement must be one photo, got ${batch}`);
  const { blur: estimate, noise } = await diagnoseBlur(await measurement.data(), [
    height,
    width,
    channels,
  ]);
  const left = () => ({ sample: tf.clone(measurement), estimate });
  if (!estimate?.cautious || !estimate.isBlurred) return left();
  const warning = doubtOf(estimate);
  const seen = Math.max(leastNoise, noiseStd ?? noise?.std ?? 0);
  const { sampler, settings } = chooseSettings('gaussian-blur', quality, denoiser.metadata ?? null);
  for (const { blur, std } of attemptsFor(estimate.cautious, seen)) {
    const named = samplerNamed(sampler, settings);
    const open = openBorder({ measurement, operator: blurOperator(blur) }, std, named);
    const problem = { ...open, noise: gaussianNoise(std) };
    const { sample: restored } = await sample(
      named,
      { ...problem, denoiser },
      { ...run, schedule: scheduleOf(settings) },
    );
    const [fit] = await consistency(problem, restored);
    open.dispose();
    if (fit!.explains) return { sample: restored, estimate, blur, ...(warning && { warning }) };
    restored.dispose();
  }
  return left();
}
