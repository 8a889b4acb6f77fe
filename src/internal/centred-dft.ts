import { buildMatrix, type Matrix } from './separable';

/**
 * The centred orthonormal DFT of `inputs` numbers with `padding` zeros on both sides, as one real
 * matrix `[2 n, inputs]`, `n = inputs + 2 padding`: the cosines above the negative sines.
 *
 * `F[k, j] = exp(-2πi (k - c)(j - c) / n) / sqrt(n)`, `c = floor(n / 2)`.
 */
export function centredDftMatrix(inputs: number, padding: number): Matrix {
  const size = inputs + 2 * padding;
  const centre = Math.floor(size / 2);
  const scale = 1 / Math.sqrt(size);
  return buildMatrix(2 * size, inputs, (add) => {
    for (let k = 0; k < size; k++)
      for (let j = 0; j < inputs; j++) {
        // The product modulo n keeps the angle small, and so its cosine exact.
        const angle = (2 * Math.PI * (((k - centre) * (j + padding - centre)) % size)) / size;
        add(k, j, scale * Math.cos(angle));
        add(size + k, j, -scale * Math.sin(angle));
      }
  });
}
