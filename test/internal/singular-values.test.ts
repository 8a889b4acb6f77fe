import { describe, expect, it } from 'vitest';
import { uniformGenerator } from '../../src/internal/random';
import { buildMatrix, type Matrix } from '../../src/internal/separable';
import { singularValues } from '../../src/internal/singular-values';
import { symmetricEigen } from '../../src/internal/symmetric-eigen';

const uniform = uniformGenerator('mask', 5);
const random = (outputs: number, inputs: number): Matrix =>
  buildMatrix(outputs, inputs, (add) => {
    for (let i = 0; i < outputs; i++) for (let j = 0; j < inputs; j++) add(i, j, uniform() - 0.5);
  });

/** `sum_k a[k] b[k]` over rows of two row-major matrices. */
const rowProduct = (a: Matrix, i: number, b: Matrix, j: number): number => {
  let sum = 0;
  for (let k = 0; k < a.inputs; k++)
    sum += a.values[i * a.inputs + k]! * b.values[j * b.inputs + k]!;
  return sum;
};

describe('singularValues', () => {
  const cases: Record<string, Matrix> = {
    wide: random(5, 9),
    tall: random(9, 5),
    'of rank 1': buildMatrix(4, 6, (add) => {
      for (let i = 0; i < 4; i++) for (let j = 0; j < 6; j++) add(i, j, (i + 1) * (j - 2));
    }),
    'of equal singular values': buildMatrix(6, 6, (add) => {
      for (let i = 0; i < 6; i++) add(i, (i + 2) % 6, -2);
    }),
    'of zeros': buildMatrix(3, 4, () => {}),
    'one number': buildMatrix(1, 1, (add) => add(0, 0, -3)),
  };

  it.each(Object.keys(cases))("give A = U diag(s) V' with orthonormal U and V: %s", (name) => {
    const matrix = cases[name]!;
    const { values, left, right } = singularValues(matrix);
    for (let i = 0; i < matrix.inputs; i++)
      for (let j = 0; j < matrix.inputs; j++) {
        expect(rowProduct(right, i, right, j)).toBeCloseTo(i === j ? 1 : 0, 6);
        const seen = values[i]! > 0 && i === j ? 1 : 0;
        expect(rowProduct(left, i, left, j)).toBeCloseTo(seen, 6);
      }
    for (let i = 0; i < matrix.outputs; i++)
      for (let j = 0; j < matrix.inputs; j++) {
        const entry = values.reduce(
          (sum, s, k) =>
            sum + left.values[k * matrix.outputs + i]! * s * right.values[k * matrix.inputs + j]!,
          0,
        );
        expect(entry).toBeCloseTo(matrix.values[i * matrix.inputs + j]!, 5);
      }
  });

  it('are the known ones of the path graph: eigenvalues 2 - 2 cos(k pi / n)', () => {
    const size = 40;
    const rows = Array.from({ length: size }, (_, i) =>
      Float64Array.from({ length: size }, (_, j) => {
        if (i === j) return i === 0 || i === size - 1 ? 1 : 2;
        return Math.abs(i - j) === 1 ? -1 : 0;
      }),
    );
    const { values } = symmetricEigen(rows);
    for (const [k, value] of values.entries())
      expect(value).toBeCloseTo(2 - 2 * Math.cos(((size - 1 - k) * Math.PI) / size), 12);
  });
});
