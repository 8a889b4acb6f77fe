import { defocusBlur, discKernel, gaussianBlur, motionBlur, type SolvableOperator } from 'spgd';
import type { Response } from './frequencies';
import { lineKernel } from './line-kernel';

/** A blur of one of three simple kinds. */
export type SimpleBlur =
  | {
      /** Soft everywhere. */
      readonly kind: 'gaussian';
      /** Standard deviation in pixels. */
      readonly size: number;
    }
  | {
      /** A lens out of focus. */
      readonly kind: 'disc';
      /** Radius in pixels. */
      readonly size: number;
    }
  | {
      /** A straight movement. */
      readonly kind: 'line';
      /** Length in pixels. */
      readonly size: number;
      /** Direction in degrees, in [0, 180), anticlockwise from the rows. */
      readonly angle: number;
    };

/** A blur of any shape: a camera that shook. */
export interface FreeBlur {
  /** Any shape. */
  readonly kind: 'free';
  /** Length in pixels of the straight line that is as wide. */
  readonly size: number;
  /** Its correlation kernel, `[k, k]`, non-negative with sum 1, k odd. */
  readonly kernel: readonly (readonly number[])[];
}

/** A blur. */
export type Blur = SimpleBlur | FreeBlur;

/** Bessel's function of order 1 (Numerical Recipes, 6.5), to 1e-8. */
function besselJ1(x: number): number {
  if (x < 8) {
    const y = x * x;
    const top = [-30.16036606, 15704.4826, -2972611.439, 242396853.1, -7895059235, 72362614232];
    const bottom = [1, 376.9991397, 99447.43394, 18583304.74, 2300535178, 144725228442];
    const value = (terms: readonly number[]) => terms.reduce((sum, term) => sum * y + term, 0);
    return (x * value(top)) / value(bottom);
  }
  const [z, angle] = [8 / x, x - 2.356194491];
  const y = z * z;
  const p = 1 + y * (1.83105e-3 + y * (-3.516396496e-5 + y * 2.457520174e-6));
  const q = 0.04687499995 + y * (-2.002690873e-4 + y * 8.449199096e-6);
  return Math.sqrt(0.636619772 / x) * (Math.cos(angle) * p - z * Math.sin(angle) * q);
}

const sinc = (x: number): number =>
  Math.abs(x) < 1e-9 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);

/** The squared response of a kernel. */
function responseOfKernel(kernel: FreeBlur['kernel']): Response {
  const reach = kernel.length >> 1;
  const taps = kernel.flatMap((row, v) =>
    row.flatMap((tap, u) => (tap > 0 ? [{ tap, v: v - reach, u: u - reach }] : [])),
  );
  return (x, y) => {
    let [re, im] = [0, 0];
    for (const { tap, v, u } of taps) {
      const angle = 2 * Math.PI * (x * u - y * v);
      re += tap * Math.cos(angle);
      im += tap * Math.sin(angle);
    }
    return re ** 2 + im ** 2;
  };
}

/** A kernel as a blur. */
export function freeBlur(kernel: FreeBlur['kernel']): FreeBlur {
  const reach = kernel.length >> 1;
  let [xx, yy, xy] = [0, 0, 0];
  kernel.forEach((row, v) => {
    row.forEach((tap, u) => {
      xx += tap * (u - reach) ** 2;
      yy += tap * (v - reach) ** 2;
      xy += tap * (u - reach) * (v - reach);
    });
  });
  const largest = (xx + yy) / 2 + Math.hypot((xx - yy) / 2, xy);
  return { kind: 'free', size: Math.sqrt(12 * largest), kernel };
}

/** The squared response of a blur. */
export function responseOf(blur: Blur): Response {
  if (blur.kind === 'free') return responseOfKernel(blur.kernel);
  const { kind, size } = blur;
  if (kind === 'gaussian')
    return (x, y) => Math.exp(-((2 * Math.PI * size) ** 2) * (x ** 2 + y ** 2));
  if (kind === 'disc')
    return (x, y) => {
      const argument = 2 * Math.PI * size * Math.hypot(x, y);
      const disc = argument < 1e-6 ? 1 : (2 * besselJ1(argument)) / argument;
      return (disc * sinc(x) * sinc(y)) ** 2;
    };
  const angle = (blur.angle * Math.PI) / 180;
  const [along, up] = [Math.cos(angle), Math.sin(angle)];
  // Anti-aliasing draws the line with a tent.
  return (x, y) => (sinc(size * (x * along + y * up)) * (sinc(x) * sinc(y)) ** 2) ** 2;
}

/**
 * The correlation kernel of a blur, `[k, k]` with sum 1, k odd. That of a simple blur is its own picture rotated by
 * 180°.
 */
export function blurKernel(blur: Blur): number[][] {
  if (blur.kind === 'free') return blur.kernel.map((row) => [...row]);
  if (blur.kind === 'disc') return discKernel(blur.size);
  if (blur.kind === 'line') return lineKernel(blur.size, blur.angle);
  const reach = Math.max(1, Math.ceil(4 * blur.size));
  const taps = Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-((i - reach) ** 2) / (2 * blur.size ** 2)),
  );
  const sum = taps.reduce((total, tap) => total + tap, 0);
  return taps.map((down) => taps.map((across) => (down * across) / sum ** 2));
}

/** The operator of a blur. */
export function blurOperator(blur: Blur): SolvableOperator {
  const { kind, size } = blur;
  if (kind === 'disc') return defocusBlur({ radius: size });
  if (kind === 'line' || kind === 'free') return motionBlur({ kernel: blurKernel(blur) });
  return gaussianBlur({ kernelSize: 2 * Math.max(1, Math.ceil(4 * size)) + 1, std: size });
}

/** The standard deviation of a blur in pixels, in the direction in which it is widest. */
export const spreadOf = ({ kind, size }: Blur): number =>
  ({
    gaussian: size,
    disc: size / 2,
    line: size / Math.sqrt(12),
    free: size / Math.sqrt(12),
  })[kind];
