import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { denoisedAlready } from './denoised-already';
import { likelihoodGradient } from './likelihood-gradient';
import { disposeTree } from './loop/state-tree';
import { repeat } from './repeat';
import type {
  InverseProblem,
  NoiseLevelSampler,
  Sampler,
  SamplerState,
  StateTree,
  Step,
} from './sampler';
import { checkSpgdOptions, type SpgdOptions } from './spgd-options';

/** The warm-up after j gradient steps. */
type WarmUp = {
  /** `x^(j)`. */
  readonly x: Tensor4D;
  /** The state of the gradient transform. */
  readonly memory: StateTree;
  /** `x^(j-1)`, its denoised image and the residual of that; empty for j = 0. */
  readonly last: readonly { before: Tensor4D; denoised: Tensor4D; error: Tensor1D }[];
};

/**
 * Stabilized Progressive Gradient Diffusion: before each step of `base`, N gradient steps on the
 * likelihood, smoothed by adaptive directional momentum (ADM). It wraps any sampler whose x lies at
 * the noise level of its step.
 *
 * ```
 * g_j     = grad_x |y - A(D(x^(j); sigma_i))|²
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
  const checked = checkSpgdOptions(base as unknown as Sampler, options);
  const { warmupSteps, transform, rate, denoiseAt } = checked;
  return {
    name: `spgd(${base.name})`,
    ...(base.needs && { needs: base.needs }),
    differentiates: true,
    atNoiseLevel: true,
    remedy: 'lower learningRate',
    init: (problem, run) => base.init(problem, run),
    async step(state, problem, level, run) {
      const { sigma } = level;
      const lr = rate(level);
      const start: WarmUp = { x: state.x, memory: transform.init(run.shape), last: [] };
      let warm = start;
      let step: Step<S> | undefined;
      try {
        warm = await repeat(start, warmupSteps, run, ({ x, memory }) => {
          const { gradient: g, denoised, error } = likelihoodGradient(problem, x, sigma);
          const { direction: m, state: next } = transform.update(memory, g);
          const moved = tf.sub<Tensor4D>(x, tf.mul(m, lr));
          return { x: moved, memory: next, last: [{ before: x, denoised, error }] };
        });
        await run.tick();
        const { x } = warm;
        const [previous] = denoiseAt === 'previous' ? warm.last : [];
        const denoiser = previous
          ? denoisedAlready(problem.denoiser, { ...previous, x, sigma })
          : problem.denoiser;
        const taken = await base.step({ ...state, x }, { ...problem, denoiser }, level, run);
        step = previous ? reported(taken, previous) : taken;
        return step;
      } finally {
        const kept = step ? [step.state, step.denoised, step.error ?? []] : [];
        disposeTree([start.memory, warm], [state, kept]);
      }
    },
  };
}

/** A step that reports another estimate, with its residual, in place of its own. */
function reported<S extends SamplerState>(
  { state, denoised: own, error: ofOwn }: Step<S>,
  { denoised, error }: Required<Pick<Step<S>, 'denoised' | 'error'>>,
): Step<S> {
  disposeTree([own, ofOwn ?? []], state);
  return { state, denoised, error };
}
