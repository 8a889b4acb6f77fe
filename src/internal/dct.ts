import { buildMatrix, type Matrix } from './separable';

/**
 * The orthonormal DCT-II of a length: `C[u, i] ~ cos(pi u (i + 1/2) / size)`. It diagonalizes every
 * symmetric filter of a signal that is continued by mirroring, border value repeated.
 */
export const dctMatrix = (size: number): Matrix =>
  buildMatrix(size, size, (add) => {
    for (let u = 0; u < size; u++)
      for (let i = 0; i < size; i++)
        add(u, i, Math.sqrt((u === 0 ? 1 : 2) / size) * Math.cos((Math.PI * u * (i + 0.5)) / size));
  });

/** The response of symmetric kernels of `side` values at those frequencies: `[u, k] = cos(pi u (k - side/2) / size)`. */
export const responseMatrix = (size: number, side: number): Matrix =>
  buildMatrix(size, side, (add) => {
    for (let u = 0; u < size; u++)
      for (let k = 0; k < side; k++) add(u, k, Math.cos((Math.PI * u * (k - (side >> 1))) / size));
  });
