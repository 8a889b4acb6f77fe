import { checkInteger } from '../internal/check';
import { buildMatrix } from '../internal/separable';
import type { SpectralOperator } from './operator';
import { separableReduction } from './separable-reduction';

/** Options of `averagePooling`. */
export interface AveragePoolingOptions {
  /** Side of a block in pixels, by which height and width shrink: an integer >= 2. */
  scale: number;
}

/**
 * Means of blocks of `scale` x `scale` pixels: super-resolution without a filter.
 *
 * `y = R x C'`, each row of R and C `1 / scale` over a block. Takes `[batch, H, W, channels]`, values
 * in [-1, 1], H and W divisible by `scale`; gives `[batch, H / scale, W / scale, channels]`. All
 * singular values are `1 / scale` or 0: pseudo-inverse (the mean for each pixel of its block) and
 * solver are exact.
 *
 * Throws `RangeError` for a scale that is no integer >= 2, and for an x that it does not divide.
 *
 * Reference: Kawar et al., "Denoising Diffusion Restoration Models", NeurIPS 2022.
 */
export function averagePooling({ scale }: AveragePoolingOptions): SpectralOperator {
  checkInteger('averagePooling', 'scale', scale, 2);
  return separableReduction('averagePooling', scale, scale, (size) =>
    buildMatrix(size / scale, size, (add) => {
      for (let pixel = 0; pixel < size; pixel++) add(Math.floor(pixel / scale), pixel, 1 / scale);
    }),
  );
}
