import { buildMatrix, type Matrix } from './separable';

/**
 * The DFT of size n for `inputs` numbers at the places `first`, `first + 1`, …, its frequencies
 * centred, as one real matrix `[2 n, inputs]`: the cosines above the negative sines.
 *
 * `F[k, j] = scale exp(-2πi (k - c)(first + j) / n)`, `c = floor(n / 2)`.
 */
export function dftMatrix(size: number, inputs: number, first: number, scale: number): Matrix {
  const centre = Math.floor(size / 2);
  return buildMatrix(2 * size, inputs, (add) => {
    for (let k = 0; k < size; k++)
      for (let j = 0; j < inputs; j++) {
        // The product modulo n keeps the angle small, and so its cosine exact.
        const angle = (2 * Math.PI * (((k - centre) * (first + j)) % size)) / size;
        add(k, j, scale * Math.cos(angle));
        add(size + k, j, -scale * Math.sin(angle));
      }
  });
}

/**
 * The centred orthonormal DFT of `inputs` numbers with `padding` zeros on both sides,
 * `n = inputs + 2 padding`; place 0 is the middle.
 */
export function centredDftMatrix(inputs: number, padding: number): Matrix {
  const size = inputs + 2 * padding;
  return dftMatrix(size, inputs, padding - Math.floor(size / 2), 1 / Math.sqrt(size));
}
