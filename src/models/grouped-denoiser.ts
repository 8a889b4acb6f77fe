import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { Denoiser } from './denoiser';
import { linearize } from './linearize';
import { linearizeWithinMemory } from './linearize-within-memory';
import { linearized } from './linearized';

/** Groups of `size` items in order; the last may be smaller. */
export function splitBatch(x: Tensor4D, size: number): Tensor4D[] {
  const [batch, ...rest] = x.shape;
  const count = Math.ceil(batch / size);
  return Array.from({ length: count }, (_, i) =>
    tf.slice(x, [i * size, 0, 0, 0], [Math.min(size, batch - i * size), ...rest]),
  );
}

/**
 * A denoiser that never gives its network more than `size` items at once.
 *
 * A cotangent needs the whole denoised image, so `linearize` holds the linearizations of all groups:
 * while half of the memory that is left allows, with what they keep; groups after that are
 * recomputed in `backward`.
 */
export function groupedDenoiser(denoiser: Denoiser, size: number): Denoiser {
  return {
    ...denoiser,
    denoise: (x, sigma) =>
      tf.tidy(() => tf.concat(splitBatch(x, size).map((group) => denoiser.denoise(group, sigma)))),
    linearize(x, sigma) {
      if (x.shape[0] <= size) return linearize(denoiser, x, sigma);
      return linearized((keep) => {
        const groups = splitBatch(x, size);
        const linearizeGroup = linearizeWithinMemory(denoiser);
        const parts = groups.map((group) => keep(linearizeGroup(group, sigma)));
        const backward = (cotangent: Tensor4D): Tensor4D =>
          tf.concat(splitBatch(cotangent, size).map((dy, i) => parts[i]!.backward(dy)));
        return { denoised: tf.concat(parts.map(({ denoised }) => denoised)), backward };
      });
    },
  };
}
