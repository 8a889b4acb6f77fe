import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkRange } from '../internal/check';
import { meanImage } from '../internal/mean-image';
import type { Denoiser } from '../models/denoiser';
import { linearize } from '../models/linearize';
import { linearized } from '../models/linearized';
import type { InverseProblem, RunContext, Sampler, SamplerState, StepLevel } from './sampler';

/** Options of `selfEnsemble`. */
export interface SelfEnsembleOptions {
  /**
   * How the denoiser sees the four images of x: as it is, turned by 180°, mirrored left to right, and
   * top to bottom. `'in-turn'`: one a step, one after another, which costs nothing. `'mean'`: all of them at
   * every step, and their mean is taken, for four times the passes.
   */
  mirrors: 'in-turn' | 'mean';
}

/** The axes along which each of the images is reversed. */
const mirrors = [[], [1, 2], [2], [1]] as const;

/** `M D(M x)`, M the mirror along these axes, its own inverse. */
function mirroredDenoiser(denoiser: Denoiser, axes: readonly number[]): Denoiser {
  if (axes.length === 0) return denoiser;
  const mirror = (x: Tensor4D) => tf.reverse(x, [...axes]);
  return {
    ...denoiser,
    denoise: (x, sigma) => tf.tidy(() => mirror(denoiser.denoise(mirror(x), sigma))),
    linearize: (x, sigma) =>
      linearized((keep) => {
        const at = keep(linearize(denoiser, mirror(x), sigma));
        const backward = (v: Tensor4D) => mirror(at.backward(mirror(v)));
        return { denoised: mirror(at.denoised), backward };
      }),
  };
}

/** The mean of several denoisers, one after another. */
function meanDenoiser(denoisers: readonly Denoiser[]): Denoiser {
  return {
    ...denoisers[0]!,
    denoise: (x, sigma) => tf.tidy(() => meanImage(denoisers.map((one) => one.denoise(x, sigma)))),
    linearize: (x, sigma) =>
      linearized((keep) => {
        const parts = denoisers.map((one) => keep(linearize(one, x, sigma)));
        const backward = (v: Tensor4D) => meanImage(parts.map((part) => part.backward(v)));
        return { denoised: meanImage(parts.map(({ denoised }) => denoised)), backward };
      }),
  };
}

/**
 * Geometric self-ensemble: mirror images of x make the errors of a network differ, and their mean smaller.
 * It wraps any sampler. With a denoiser that knows no left from right nothing changes, nor with tiles of which
 * some are known.
 *
 * `'mean'` suits samplers of one pass, such as `mmse`, and `'in-turn'` those of several steps without random
 * noise, such as `dpir` and `diffpir`.
 *
 * @throws RangeError for other mirrors.
 *
 * Reference: Timofte et al., "Seven Ways to Improve Example-Based Single Image Super Resolution", CVPR
 * 2016; in turn as in the released code of Zhang et al., "Plug-and-Play Image Restoration with Deep
 * Denoiser Prior", TPAMI 2022.
 */
export function selfEnsemble<T extends Sampler>(
  sampler: T,
  { mirrors: way }: SelfEnsembleOptions,
): T {
  const isKnown = ['in-turn', 'mean'].includes(way);
  checkRange(isKnown, 'selfEnsemble', 'mirrors', 'in-turn or mean', way);
  const seen = (denoiser: Denoiser, index: number): Denoiser => {
    if (denoiser.placed) return denoiser;
    return way === 'in-turn'
      ? mirroredDenoiser(denoiser, mirrors[index % mirrors.length]!)
      : meanDenoiser(mirrors.map((axes) => mirroredDenoiser(denoiser, axes)));
  };
  return {
    ...sampler,
    name: `selfEnsemble(${sampler.name})`,
    step: (state: SamplerState, problem: InverseProblem, level: StepLevel, run: RunContext) =>
      sampler.step(
        state,
        { ...problem, denoiser: seen(problem.denoiser, level.index) },
        level,
        run,
      ),
  };
}
