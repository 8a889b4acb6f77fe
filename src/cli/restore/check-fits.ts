import type { Damage, Size } from 'spgd/tasks';
import { type RestoreOptions, usageError } from './restore-options';

/** The largest side below this one that divides. */
const sideFor = (length: number, by: number): number => Math.max(by, length - (length % by));

/** Rejects a photo that is too small for a blur, or whose sides the scale of a simulation divides not. */
export function checkFits(
  task: string,
  { height, width }: Size,
  {
    scale = 4,
    blurStd = 0,
    blurRadius = 0,
    kernel = [],
    simulate,
  }: Pick<RestoreOptions, 'scale' | 'simulate'> & Damage,
): void {
  const reach = Math.max(Math.ceil(4 * blurStd), Math.ceil(blurRadius - 0.5));
  const side = Math.max(kernel.length, 2 * reach + 1);
  if (side > 1 && side / 2 >= Math.min(height, width))
    throw usageError(
      `a blur of ${side} x ${side} pixels is too large for a photo of ${width} x ${height}: ` +
        'cut the kernel, or check that it belongs to this photo',
    );
  if (task === 'jpeg' && simulate && (height % 16 || width % 16))
    throw usageError(
      `a simulated JPEG has sides divisible by 16, not ${width} x ${height}: ` +
        `add --size ${sideFor(height, 16)}x${sideFor(width, 16)}`,
    );
  if (task !== 'super-resolution' || !simulate) return;
  if (height % scale || width % scale) {
    const [h, w] = [sideFor(height, scale), sideFor(width, scale)];
    throw usageError(
      `--scale ${scale} must divide the photo, ${width} x ${height}: add --size ${h}x${w}`,
    );
  }
}
