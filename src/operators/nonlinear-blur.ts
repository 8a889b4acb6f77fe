import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { type AdjointPair, adjointPair } from '../internal/adjoint-pair';
import type { BlurNetwork } from '../internal/blur-network';
import { checkRange, checkType } from '../internal/check';
import { checkFinite } from '../internal/finite';
import { checkSeed } from '../internal/random';
import { reflectIndex } from '../internal/reflect-pad';
import {
  applySeparable,
  applySeparableTransposed,
  buildMatrix,
  type Matrix,
} from '../internal/separable';
import { checkImage } from './check-image';
import { nonlinearKernel } from './nonlinear-kernel';
import type { ForwardOperator } from './operator';

/** Options of `nonlinearBlur`. */
export interface NonlinearBlurOptions {
  /** The network that blurs, of `loadBlurNetwork`. It stays the caller's. */
  network: BlurNetwork;
  /**
   * A kernel code `[1, ceil(height / 128), ceil(width / 128), channels]`, as `nonlinearKernel` draws.
   * It must live as long as the operator.
   * @default drawn from `seed`
   */
  kernel?: Tensor4D;
  /**
   * Any integer; the same seed gives the same kernel code.
   * @default 0
   */
  seed?: number;
}

/** Zeros and ones that continue `size` pixels by reflection, on both sides, up to the next multiple. */
function reflection(size: number, multipleOf: number): Matrix {
  const outputs = Math.ceil(size / multipleOf) * multipleOf;
  const before = (outputs - size) >> 1;
  return buildMatrix(outputs, size, (add) => {
    for (let i = 0; i < outputs; i++) add(i, reflectIndex(i - before, size), 1);
  });
}

/** Pads height and width to multiples, as a linear map. */
function padding([, height, width]: readonly number[], multipleOf: number): AdjointPair {
  const map = {
    rows: reflection(height!, multipleOf),
    columns: reflection(width!, multipleOf),
  };
  return adjointPair(
    (x) => applySeparable(x, map),
    (y) => applySeparableTransposed(y, map),
  );
}

/** The blur of an image in [0, 1] whose sides divide, by one code for the whole batch. */
const blurBatch = (network: BlurNetwork, x: Tensor4D, kernel: Tensor4D): Tensor4D =>
  network(x, tf.tile(kernel, [x.shape[0], 1, 1, 1]));

/** The blur of an image in [0, 1] of any size: what was padded is cut off again. */
function blurPadded(network: BlurNetwork, x: Tensor4D, kernel: Tensor4D): Tensor4D {
  const { multipleOf } = network;
  const [, height, width] = x.shape;
  const over = [height, width].map((size) => Math.ceil(size / multipleOf) * multipleOf - size);
  const [below, right] = over as [number, number];
  if (below + right === 0) return blurBatch(network, x, kernel);
  const padded = padding(x.shape, multipleOf).forward(x);
  return tf.slice(blurBatch(network, padded, kernel), [0, below >> 1, right >> 1, 0], x.shape);
}

/**
 * Nonlinear blur by a learned network: `y = clip(2 F((x + 1) / 2, kernel) - 1, -1, 1)`, one kernel
 * code for every item. Not linear.
 *
 * Takes and gives `[batch, height, width, channels]`, values in [-1, 1], height and width at least
 * 128; sides that are no multiples of 128 are continued by reflection, and cut again. Throws
 * `RangeError` for a smaller image, other channels and a kernel code of another shape.
 *
 * Reference: Tran et al., Explore image deblurring via encoded blur kernel space, 2021.
 */
export function nonlinearBlur({
  network,
  kernel,
  seed = 0,
}: NonlinearBlurOptions): ForwardOperator {
  const name = 'nonlinearBlur';
  checkType(typeof network === 'function', name, 'network', 'of loadBlurNetwork', typeof network);
  const { multipleOf, kernelChannels, inChannels } = network;
  checkSeed(name, 'seed', seed);
  if (kernel) checkImage(name, 'kernel', kernel);
  const codeFor = ([, height, width]: readonly number[]): Tensor4D => {
    const code = kernel ?? nonlinearKernel(network, { height: height!, width: width!, seed });
    const [rows, columns] = [height!, width!].map((side) => Math.ceil(side / multipleOf));
    const shape = [1, rows!, columns!, kernelChannels];
    const fits = shape.every((size, axis) => size === code.shape[axis]);
    checkRange(fits, name, 'kernel.shape', `[${shape.join(', ')}]`, code.shape);
    return code;
  };
  return {
    name,
    check: async () => (kernel ? checkFinite(name, 'kernel', kernel) : undefined),
    forward(x) {
      checkImage(name, 'x', x);
      const [, height, width, channels] = x.shape;
      const valid = height >= multipleOf && width >= multipleOf && channels === inChannels;
      const rule = `[batch, height, width, ${inChannels}] with height and width >= ${multipleOf}`;
      checkRange(valid, name, 'x.shape', rule, x.shape);
      return tf.tidy(() => {
        const unit = tf.mul(tf.add<Tensor4D>(x, 1), 0.5) as Tensor4D;
        const blurred = blurPadded(network, unit, codeFor(x.shape));
        return tf.clipByValue(tf.sub(tf.mul(blurred, 2), 1) as Tensor4D, -1, 1);
      });
    },
  };
}
