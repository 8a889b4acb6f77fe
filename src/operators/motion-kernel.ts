import { checkRange } from '../internal/check';
import { checkSeed, uniformGenerator } from '../internal/random';
import { checkKernelSize } from './check-kernel';

/** Options of `motionKernel`. */
export interface MotionKernelOptions {
  /** Side of the kernel in pixels: an odd integer >= 3. */
  kernelSize: number;
  /**
   * How shaky the camera is, in [0, 1]: 0 draws straight lines, 1 long tangled ones.
   * @default 0.5
   */
  intensity?: number;
  /**
   * Any integer; the same seed gives the same kernel.
   * @default 0
   */
  seed?: number;
}

type Point = readonly [number, number];

/** Points of a camera's path, at the scale of the kernel: how far it turns depends on its length. */
function shakyPath(kernelSize: number, intensity: number, uniform: () => number): Point[] {
  const diagonal = kernelSize * Math.SQRT2;
  const length = 0.75 * diagonal * (0.3 + 0.7 * uniform() + intensity ** 2 * uniform());
  const largestTurn = intensity * Math.PI * uniform();
  const jitter = 0.3 * uniform();
  let direction = 2 * Math.PI * uniform();
  let side = uniform() < 0.5 ? -1 : 1;
  let travelled = 0;
  let here: Point = [0, 0];
  const path = [here];
  while (travelled < length) {
    // Beta(1, 30) by inversion: mostly short steps, now and then a jerk.
    const drawn = (1 - (1 - uniform()) ** (1 / 30)) * (1.01 - intensity) * diagonal;
    const step = Math.min(Math.max(drawn, 0.2), length - travelled);
    if (uniform() < jitter) side = -side;
    direction += (8 * side * largestTurn * uniform() * step) / diagonal;
    here = [here[0] + step * Math.sin(direction), here[1] + step * Math.cos(direction)];
    path.push(here);
    travelled += Math.max(step, 1e-6);
  }
  return path;
}

/** Centres the path on its bounding box, and shrinks it where it would leave the kernel. */
function fitPath(path: readonly Point[], kernelSize: number): Point[] {
  const middle = (kernelSize - 1) / 2;
  const range = (axis: 0 | 1): Point => [
    Math.min(...path.map((point) => point[axis])),
    Math.max(...path.map((point) => point[axis])),
  ];
  const [top, bottom] = range(0);
  const [left, right] = range(1);
  const shrink = Math.min(1, (kernelSize - 1) / Math.max(bottom - top, right - left, 1e-9));
  return path.map(([y, x]) => [
    middle + shrink * (y - (top + bottom) / 2),
    middle + shrink * (x - (left + right) / 2),
  ]);
}

/** Calls `visit` at even distances of at most a tenth of a pixel, weighted by the length they stand for. */
function walk(path: readonly Point[], visit: (y: number, x: number, weight: number) => void): void {
  for (let i = 1; i < path.length; i++) {
    const [y0, x0] = path[i - 1]!;
    const [y1, x1] = path[i]!;
    const length = Math.hypot(y1 - y0, x1 - x0);
    const count = Math.ceil(length * 10);
    for (let k = 0; k < count; k++) {
      const t = (k + 0.5) / count;
      visit(y0 + t * (y1 - y0), x0 + t * (x1 - x0), length / count);
    }
  }
}

/** Adds a point to the four pixels around it, by bilinear weights: an anti-aliased line of width 1. */
function splat(kernel: number[][], y: number, x: number, weight: number): void {
  const last = kernel.length - 1;
  const row = Math.min(Math.max(Math.floor(y), 0), last - 1);
  const column = Math.min(Math.max(Math.floor(x), 0), last - 1);
  const down = Math.min(Math.max(y - row, 0), 1);
  const right = Math.min(Math.max(x - column, 0), 1);
  kernel[row]![column]! += weight * (1 - down) * (1 - right);
  kernel[row]![column + 1]! += weight * (1 - down) * right;
  kernel[row + 1]![column]! += weight * down * (1 - right);
  kernel[row + 1]![column + 1]! += weight * down * right;
}

/**
 * A random motion-blur kernel: the trace of a shaking camera, `[k, k]`, non-negative, with sum 1.
 *
 * Steps of random length turn by random angles that keep their side until a jitter flips it; the
 * path is centred, shrunk where it would not fit, and drawn with anti-aliasing. The same options
 * give the same kernel on every machine.
 *
 * Throws `RangeError` for a kernelSize that is no odd integer >= 3, an intensity outside [0, 1], and
 * a seed that is no integer.
 *
 * Reference: after Borodenko, motionblur, 2020, which the released code uses.
 */
export function motionKernel({
  kernelSize,
  intensity = 0.5,
  seed = 0,
}: MotionKernelOptions): number[][] {
  checkKernelSize('motionKernel', kernelSize);
  const valid = intensity >= 0 && intensity <= 1;
  checkRange(valid, 'motionKernel', 'intensity', 'a number in [0, 1]', intensity);
  checkSeed('motionKernel', 'seed', seed);
  const path = shakyPath(kernelSize, intensity, uniformGenerator('kernel', seed));
  const kernel = Array.from({ length: kernelSize }, () => new Array<number>(kernelSize).fill(0));
  let total = 0;
  walk(fitPath(path, kernelSize), (y, x, weight) => {
    splat(kernel, y, x, weight);
    total += weight;
  });
  return kernel.map((row) => row.map((value) => value / total));
}
