import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { Denoiser } from './denoiser';
import { denoiserVjp } from './denoiser-vjp';

/** One group of a batch: its denoised image is wanted, or with a cotangent its gradient. */
export interface GroupTask {
  /** `[items, height, width, channels]`. */
  readonly x: Tensor4D;
  /** As large as x. */
  readonly cotangent?: Tensor4D;
}

/** Does all tasks at one noise level, in any order; the results stand in the order of the tasks. */
export type GroupRunner = (tasks: readonly GroupTask[], sigma: number) => Tensor4D[];

/** Groups of `size` items in order; the last may be smaller. */
function split(x: Tensor4D, size: number): Tensor4D[] {
  const [batch, ...rest] = x.shape;
  const count = Math.ceil(batch / size);
  return Array.from({ length: count }, (_, i) =>
    tf.slice(x, [i * size, 0, 0, 0], [Math.min(size, batch - i * size), ...rest]),
  );
}

/**
 * The two halves of a denoiser that takes its batch in groups. A gradient takes one pass forward over
 * all groups, since the cotangent needs the whole image, and then forward and backward for each.
 */
export function inGroups(
  run: GroupRunner,
  size: number,
): Required<Pick<Denoiser, 'denoise' | 'vjp'>> {
  const denoise = (x: Tensor4D, sigma: number): Tensor4D =>
    tf.tidy(() =>
      tf.concat(
        run(
          split(x, size).map((group) => ({ x: group })),
          sigma,
        ),
      ),
    );
  return {
    denoise,
    vjp: (x, sigma, cotangent) =>
      tf.tidy(() => {
        const denoised = denoise(x, sigma);
        const cotangents = split(cotangent(denoised), size);
        const tasks = split(x, size).map((group, i) => ({ x: group, cotangent: cotangents[i]! }));
        return { denoised, gradient: tf.concat(run(tasks, sigma)) };
      }),
  };
}

/** A denoiser that never gives its network more than `size` items at once. */
export function groupedDenoiser(denoiser: Denoiser, size: number): Denoiser {
  const vjp = denoiserVjp(denoiser);
  const run: GroupRunner = (tasks, sigma) =>
    tasks.map(({ x, cotangent }) =>
      tf.tidy(() =>
        cotangent ? vjp(x, sigma, () => cotangent).gradient : denoiser.denoise(x, sigma),
      ),
    );
  const grouped = inGroups(run, size);
  return {
    ...denoiser,
    denoise: grouped.denoise,
    vjp: (x, sigma, cotangent) => (x.shape[0] <= size ? vjp : grouped.vjp)(x, sigma, cotangent),
  };
}
