import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { denoisedAlready } from './denoised-already';
import { directionalMomentum } from './directional-momentum';
import { type LikelihoodGradient, likelihoodGradient } from './likelihood-gradient';
import { disposeTree } from './loop/state-tree';
import type { InverseProblem, RunContext, Sampler, SamplerState, Step, StepLevel } from './sampler';
import { checkSpgdOptions, type SpgdOptions, type SpgdSettings } from './spgd-options';

/** What `spgd` may wrap: a sampler whose state lies at the noise level of its step. */
export type NoiseLevelSampler<
  S extends SamplerState,
  P extends InverseProblem = InverseProblem,
> = Sampler<S, P> & {
  /** `state.x` lies at `sigma_i` before step i. */
  readonly atNoiseLevel: true;
};

/**
 * Stabilized Progressive Gradient Diffusion round any sampler: before each step of `base`, x is
 * moved N times along the likelihood gradient, smoothed by adaptive directional momentum.
 *
 * ```
 * g_j     = grad_x distance(y, A(D(x^(j); sigma_i)))
 * m_j     = a_j b m_{j-1} + (1 - a_j b) g_j,   a_j = (cos(g_j, m_{j-1}) + 1) / 2
 * x^(j+1) = x^(j) - lr_i m_j
 * x_{i+1} = base.step(x^(N))
 * ```
 *
 * @throws RangeError for an option out of range; TypeError for a base that is not at the noise
 * level, or that takes gradients itself while `denoiseAt` is `'previous'`.
 *
 * Reference: SPGD, arXiv 2507.06656.
 */
export function spgd<S extends SamplerState, P extends InverseProblem = InverseProblem>(
  base: NoiseLevelSampler<S, P>,
  options: SpgdOptions,
): NoiseLevelSampler<S, P> {
  const settings = checkSpgdOptions(base as unknown as Sampler, options);
  const { warmupSteps } = settings;
  const previous = settings.denoiseAt === 'previous';
  return {
    name: `spgd(${base.name})`,
    ...(base.needs && { needs: base.needs }),
    differentiates: true,
    atNoiseLevel: true,
    remedy: 'lower learningRate',
    init: (problem, run) => base.init(problem, run),
    async step(state, problem, level, run) {
      if (warmupSteps === 0) return base.step(state, problem, level, run);
      const warm = await warmUp(state.x, problem, level, run, settings);
      let step: Step<S> | undefined;
      try {
        await run.tick();
        const known = { ...warm, ...warm.last, sigma: level.sigma };
        const denoiser = previous ? denoisedAlready(problem.denoiser, known) : problem.denoiser;
        step = await base.step({ ...state, x: warm.x }, { ...problem, denoiser }, level, run);
        return report(step, warm.last, previous);
      } finally {
        const { x, before, last } = warm;
        disposeTree([x, before, ...Object.values(last)], step?.state);
      }
    },
  };
}

/** A step of the base, with the error of the last gradient step and an estimate that is a true D. */
function report<S extends SamplerState>(
  { state, denoised, error }: Step<S>,
  last: LikelihoodGradient,
  previous: boolean,
): Step<S> {
  disposeTree([error ?? [], previous ? denoised : []], state);
  return {
    state,
    denoised: previous ? tf.clone(last.denoised) : denoised,
    error: tf.clone(last.error),
  };
}

/** Where the gradient steps end. */
interface WarmUp {
  /** `x^(N)`. */
  readonly x: Tensor4D;
  /** `x^(N-1)`. */
  readonly before: Tensor4D;
  /** Denoised image, gradient and error at `x^(N-1)`. */
  readonly last: LikelihoodGradient;
}

/** N gradient steps from `x_i`; the caller disposes what it gets. */
async function warmUp(
  start: Tensor4D,
  problem: InverseProblem,
  level: StepLevel,
  run: RunContext,
  { warmupSteps, rate, momentum, similarity }: SpgdSettings,
): Promise<WarmUp> {
  const lr = rate(level);
  let x = tf.clone(start);
  let before: Tensor4D | undefined;
  let last: LikelihoodGradient | undefined;
  let m: Tensor4D | undefined;
  try {
    for (let j = 0; j < warmupSteps; j++) {
      await run.tick();
      tf.dispose(last ? Object.values(last) : []);
      last = undefined;
      last = likelihoodGradient(problem, x, level.sigma);
      const smoothed = directionalMomentum(last.gradient, m, { momentum, similarity });
      m?.dispose();
      m = smoothed;
      before?.dispose();
      before = x;
      x = tf.tidy(() => tf.sub(x, tf.mul(smoothed, lr)));
    }
    return { x, before: before!, last: last! };
  } catch (error) {
    tf.dispose([x, before ?? [], last ? Object.values(last) : []]);
    throw error;
  } finally {
    m?.dispose();
  }
}
