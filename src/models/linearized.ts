import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkRange } from '../internal/check';

/** A value, of a denoiser or of a network, and the backward pass through what made it. */
type Passes = ({ readonly denoised: Tensor } | { readonly output: Tensor }) & {
  backward(cotangent: Tensor): Tensor4D;
};

/** Marks a tensor, or an inner linearization, as kept for the backward pass, and returns it. */
export type Keep = <Part extends { dispose(): void }>(part: Part) => Part;

/**
 * Makes a linearization that owns what `forward` keeps: it outlives the caller's tidies, and is freed
 * by the backward pass, by `dispose`, and where either pass throws. Both passes run in a tidy.
 * `backward` runs once, for a cotangent of the shape of the value.
 *
 * `forward` may keep tensors that it made; of an input it keeps a clone.
 */
export function linearized<Result extends Passes>(
  forward: (keep: Keep) => Result,
): Result & { dispose(): void } {
  const kept: { dispose(): void }[] = [];
  let isFreed = false;
  const dispose = () => {
    isFreed = true;
    for (const part of kept.splice(0)) part.dispose();
  };
  const keep: Keep = (part) => {
    kept.push(part instanceof tf.Tensor ? tf.keep(part) : part);
    return part;
  };
  // A tidy spares the tensors of the object it is given back, whatever else is in it.
  const inTidy = <T>(run: () => T): T => tf.tidy(run as () => tf.TensorContainer) as T;
  try {
    const result = inTidy(() => forward(keep));
    const { backward: pass } = result;
    const { shape } = 'denoised' in result ? result.denoised : result.output;
    const backward = (cotangent: Tensor): Tensor4D => {
      if (isFreed) throw new Error('backward: ran before, or was disposed: linearize again');
      try {
        const fits = `${cotangent.shape}` === `${shape}`;
        checkRange(fits, 'backward', 'cotangent', `of the shape [${shape}]`, cotangent.shape);
        return inTidy(() => pass(cotangent));
      } finally {
        dispose();
      }
    };
    return Object.assign(result, { backward, dispose });
  } catch (error) {
    dispose();
    throw error;
  }
}
