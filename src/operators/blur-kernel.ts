import type { Tensor2D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkRange } from '../internal/check';
import { readOnce } from '../internal/finite';
import type { Tile } from '../internal/tiles';
import { checkLive } from './check-image';

/** A blur kernel `[k, k]`, k odd: nested arrays, or a float32 tensor that stays the caller's. */
export type BlurKernel = Tensor2D | readonly (readonly number[])[];

/** A kernel that is given rather than drawn. */
export interface GivenKernel {
  /**
   * The correlation kernel `[k, k]`, k odd and >= 3, of sum 1 within 1 % unless `normalize` is true.
   * The picture of a blurred point of light is this kernel rotated by 180°: reverse both axes of a
   * recorded point spread function. A tensor must live as long as the operator; its values are
   * checked before the first step of a run.
   */
  kernel: BlurKernel;
  /**
   * Divides the kernel by its sum, which must be > 0: for kernels in grey levels.
   * @default false
   */
  normalize?: boolean;
}

/** A kernel that was checked. */
export interface CheckedKernel {
  /** k, as given. */
  readonly size: number;
  /** How far from its middle it is not 0, at least 1; all of it where its values lie on the device. */
  readonly reach: number;
  /** The kernel within its reach, `[2 reach + 1, 2 reach + 1]`, to be used inside a tidy. */
  tensor(): Tensor2D;
  /** The parts of that which are not 0, in bands of a few rows. */
  readonly bands: readonly Tile[];
  /** Sum of the absolute values, 1 for a blur; Infinity where they lie on the device. */
  readonly norm: number;
  /** Checks the values of a tensor, which can only be read asynchronously. */
  check(): Promise<void>;
}

/** Checks the numbers of a kernel, and gives their sum. */
function checkValues(owner: string, values: Float32Array, normalize: boolean): number {
  const odd = values.find((value) => !Number.isFinite(value));
  checkRange(odd === undefined, owner, 'kernel', 'of finite numbers', odd);
  const sum = values.reduce((total, value) => total + value, 0);
  if (normalize) checkRange(sum > 0, owner, 'kernel', 'of a sum > 0', `a sum of ${sum}`);
  const fits = normalize || Math.abs(sum - 1) <= 0.01;
  checkRange(fits, owner, 'kernel', 'of sum 1, or normalize true', `a sum of ${sum}`);
  return sum;
}

/** Shape of a kernel; rows of different lengths give more than two numbers. */
function kernelShape(kernel: BlurKernel): number[] {
  if ('shape' in kernel) return kernel.shape;
  const widths = [...new Set(kernel.map((row) => row.length))];
  return [kernel.length, ...widths];
}

/** Rows of a band: a streak crosses few columns in so many, and each band is one more convolution. */
const bandRows = 8;

/** The columns, in bands of `bandRows` rows, that hold all values but zeros. */
function bandsOf(kernel: readonly (readonly number[])[]): Tile[] {
  const tops = Array.from({ length: Math.ceil(kernel.length / bandRows) }, (_, i) => i * bandRows);
  return tops.flatMap((top) => {
    const rows = kernel.slice(top, top + bandRows);
    const columns = rows.flatMap((row) => [...row.keys()].filter((at) => row[at] !== 0));
    if (columns.length === 0) return [];
    const left = Math.min(...columns);
    return [{ top, left, height: rows.length, width: Math.max(...columns) + 1 - left }];
  });
}

/** The middle of a kernel, without the frame of zeros round it. */
function withinReach(values: Float32Array, size: number): number[][] {
  const middle = size >> 1;
  const distance = (at: number) =>
    Math.max(Math.abs(Math.floor(at / size) - middle), Math.abs((at % size) - middle));
  const reach = values.reduce(
    (most, value, at) => (value === 0 ? most : Math.max(most, distance(at))),
    1,
  );
  return Array.from({ length: 2 * reach + 1 }, (_, i) => {
    const start = (middle - reach + i) * size + middle - reach;
    return [...values.subarray(start, start + 2 * reach + 1)];
  });
}

/** Checks the shape of a kernel, and the values of one in arrays. */
export function checkBlurKernel(
  owner: string,
  { kernel, normalize = false }: GivenKernel,
): CheckedKernel {
  const shape = kernelShape(kernel);
  const size = shape[0]!;
  const square = shape.length === 2 && shape[1] === size && size % 2 === 1 && size >= 3;
  checkRange(square, owner, 'kernel', '[k, k] with k odd and >= 3', shape);
  if ('shape' in kernel) {
    checkLive(owner, 'kernel', kernel);
    return {
      size,
      reach: size >> 1,
      bands: [{ top: 0, left: 0, height: size, width: size }],
      norm: Infinity,
      tensor() {
        checkLive(owner, 'kernel', kernel);
        return normalize ? tf.div(kernel, tf.sum(kernel)) : kernel;
      },
      async check() {
        checkLive(owner, 'kernel', kernel);
        checkValues(owner, await readOnce(tf.clone(kernel)), normalize);
      },
    };
  }
  const values = Float32Array.from(kernel.flat());
  const sum = checkValues(owner, values, normalize);
  const scaled = normalize ? values.map((value) => value / sum) : values;
  const core = withinReach(scaled, size);
  return {
    size,
    reach: core.length >> 1,
    bands: bandsOf(core),
    norm: scaled.reduce((sum, value) => sum + Math.abs(value), 0),
    tensor: () => tf.tensor2d(core, undefined, 'float32'),
    check: async () => {},
  };
}
