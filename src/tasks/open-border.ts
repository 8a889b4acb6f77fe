import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import {
  type ForwardOperator,
  type InverseProblem,
  linearOperator,
  type Sampler,
  type SolvableOperator,
  type Tile,
} from 'spgd';
import type { Size } from './task';

/** What was measured, and how; the caller disposes it. */
export interface OpenBorder {
  /** `W A`. */
  readonly operator: ForwardOperator;
  /** `W y`. */
  readonly measurement: Tensor4D;
  /** Frees both. */
  dispose(): void;
}

/** How far the scene outside lies from the mirrored photo, on the [-1, 1] scale. */
const contrast = 0.25;

/** Weights follow the noise, but not below the rounding of 8 bits. */
const leastNoise = 0.0025;

/** Products with `A'A` of a solution. The solver of the blur alone is the closer to it, the larger the damping. */
const iterationsFor = (damping: number): number =>
  Math.min(15, Math.max(10, Math.round(3 - 3 * Math.log10(damping))));

const dot = (a: Tensor4D, b: Tensor4D): Tensor4D => tf.sum(tf.mul(a, b), [1, 2, 3], true);

/** Solves `S x = b` by conjugate gradients, with an approximate inverse of S. */
function preconditioned(
  map: (x: Tensor4D) => Tensor4D,
  inverse: (r: Tensor4D) => Tensor4D,
  b: Tensor4D,
  iterations: number,
): Tensor4D {
  return tf.tidy(() => {
    const start = inverse(b);
    let state = [tf.zerosLike(b), b, start, dot(b, start)] as Tensor4D[];
    for (let i = 0; i < iterations; i++) {
      const before = state;
      state = tf.tidy(() => {
        const [x, r, p, rz] = before as [Tensor4D, Tensor4D, Tensor4D, Tensor4D];
        const image = map(p);
        const alpha = tf.divNoNan(rz, dot(p, image));
        const residual = tf.sub<Tensor4D>(r, tf.mul(alpha, image));
        const z = inverse(residual);
        const next = dot(residual, z);
        const direction = tf.add<Tensor4D>(z, tf.mul(tf.divNoNan(next, rz), p));
        return [tf.add<Tensor4D>(x, tf.mul(alpha, p)), residual, direction, next];
      });
      tf.dispose(before.filter((tensor) => tensor !== b));
    }
    return state[0]!;
  });
}

/** `W` for the measurement of a blur: how far to trust each pixel, in (0, 1]. */
function trust(
  { forward, reach }: ForwardOperator,
  [, height, width]: readonly number[],
  noiseStd: number,
): Tensor4D {
  return tf.tidy(() => {
    const rim: [number, number] = [reach!, reach!];
    const scene = tf.pad(tf.ones<tf.Rank.R4>([1, height!, width!, 1]), [[0, 0], rim, rim, [0, 0]]);
    const inside = tf.slice(forward(scene), [0, reach!, reach!, 0], [1, height!, width!, 1]);
    const unknown = tf.mul(tf.sub(1, inside), contrast / Math.max(noiseStd, leastNoise));
    return tf.rsqrt(tf.add<Tensor4D>(1, tf.square(unknown)));
  });
}

/** Whether a window ends where its photo does. Farther inside, a margin shows what lies outside. */
export const isAtBorder = ({ top, left, height, width }: Tile, photo: Size): boolean =>
  top === 0 || left === 0 || top + height === photo.height || left + width === photo.width;

const isBlur = (operator: ForwardOperator): operator is SolvableOperator =>
  'solve' in operator && (operator.reach ?? 0) > 0 && !operator.imageShape;

/**
 * The problem of a blurred photo whose scene goes on outside. Pixels near its border also show what lies
 * there, which no image inside explains: `W (y - A x)` takes their residual less seriously, as noise of
 * the standard deviation `0.25 (1 - m) + std`, in squares, with m the share of the blur inside. Without
 * it the border rings.
 *
 * Operators that are no blur of the same size are returned as they are, and so is a problem for a sampler
 * that needs singular values.
 *
 * @param problem What was measured; it stays with the caller.
 * @param noiseStd Standard deviation of the noise on the [-1, 1] scale.
 * @param sampler What will restore it.
 */
export function openBorder(
  { operator: blur, measurement }: Pick<InverseProblem, 'operator' | 'measurement'>,
  noiseStd: number,
  { needs }: Pick<Sampler, 'needs'>,
): OpenBorder {
  if (!isBlur(blur) || needs?.includes('spectrum')) {
    const same = tf.clone(measurement);
    return { operator: blur, measurement: same, dispose: () => same.dispose() };
  }
  const weights = trust(blur, measurement.shape, noiseStd);
  const forward = (x: Tensor4D) => tf.tidy(() => tf.mul<Tensor4D>(blur.forward(x), weights));
  const adjoint = (y: Tensor4D) => tf.tidy(() => blur.adjoint(tf.mul(y, weights)));
  const solve = (b: Tensor4D, damping: number) =>
    preconditioned(
      (x) => tf.tidy(() => tf.add<Tensor4D>(adjoint(forward(x)), tf.mul(x, damping))),
      (r) => blur.solve(r, damping),
      b,
      iterationsFor(damping),
    );
  const weighted = tf.mul<Tensor4D>(measurement, weights);
  return {
    operator: linearOperator({
      name: blur.name,
      reach: blur.reach!,
      forward,
      adjoint,
      ...(blur.spectrum && { solve }),
      ...(blur.norm !== undefined && { norm: blur.norm }),
    }),
    measurement: weighted,
    dispose: () => tf.dispose([weights, weighted]),
  };
}
