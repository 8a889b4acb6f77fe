/** A square image in plain numbers, row by row. */
type Plane = ArrayLike<number>;

/** Differences of neighbours, `[n - 1, n - 1]`: across, then down. */
function gradients(image: Plane, n: number): readonly Float64Array[] {
  const side = n - 1;
  return [1, n].map((next) =>
    Float64Array.from({ length: side * side }, (_, at) => {
      const place = Math.floor(at / side) * n + (at % side);
      return image[place + next]! - image[place]!;
    }),
  );
}

/** Adds the sums over a sliding window of `a(p) a(p + shift)`: the products of two shifted copies. */
function addProducts(
  a: Float64Array,
  side: number,
  size: number,
  [dy, dx]: readonly [number, number],
  add: (v: number, u: number, sum: number) => void,
): void {
  const span = side - size + 1;
  const [fromX, toX] = [Math.max(0, -dx), Math.min(side, side - dx)];
  const total = new Float64Array((side + 1) * (side + 1));
  for (let y = 0; y < side - dy; y++) {
    let row = 0;
    for (let x = 0; x < side; x++) {
      if (x >= fromX && x < toX) row += a[y * side + x]! * a[(y + dy) * side + x + dx]!;
      total[(y + 1) * (side + 1) + x + 1] = total[y * (side + 1) + x + 1]! + row;
    }
  }
  const at = (y: number, x: number) => total[y * (side + 1) + x]!;
  for (let v = 0; v + dy < size; v++)
    for (let u = Math.max(0, -dx); u + Math.max(0, dx) < size; u++)
      add(v, u, at(v + span, u + span) - at(v, u + span) - at(v + span, u) + at(v, u));
}

/** Steps of the descent over all taps. */
const sweeps = 60;

/**
 * The kernel that blurs one image to another, by least squares in their gradients:
 * `argmin_k |∇y - k ∇x|² + ridge |k|²`, `k >= 0`, by coordinate descent. Only pixels are counted that see nothing
 * beyond the border.
 *
 * @param x Sharp image, `[n, n]`.
 * @param y Blurred image, `[n, n]`.
 * @param start Where the descent begins, `size²` taps.
 * @param ridge Weight of the taps, relative to the mean square of a gradient.
 * @returns `size²` taps of a correlation kernel, row by row, of any sum.
 */
export function kernelStep(
  x: Plane,
  y: Plane,
  n: number,
  start: Float64Array,
  ridge: number,
): Float64Array {
  const size = Math.sqrt(start.length);
  const [side, reach, count] = [n - 1, size >> 1, size * size];
  const span = side - size + 1;
  const products = new Float64Array(count * count);
  const target = new Float64Array(count);
  const seen = gradients(y, n);
  gradients(x, n).forEach((a, axis) => {
    for (let dy = 0; dy < size; dy++)
      for (let dx = dy === 0 ? 0 : 1 - size; dx < size; dx++)
        addProducts(a, side, size, [dy, dx], (v, u, sum) => {
          const [i, j] = [v * size + u, (v + dy) * size + u + dx];
          products[i * count + j]! += sum;
          if (i !== j) products[j * count + i]! += sum;
        });
    const b = seen[axis]!;
    for (let v = 0; v < size; v++)
      for (let u = 0; u < size; u++)
        for (let row = 0; row < span; row++)
          for (let column = 0; column < span; column++)
            target[v * size + u]! +=
              a[(v + row) * side + u + column]! * b[(reach + row) * side + reach + column]!;
  });
  let trace = 0;
  for (let i = 0; i < count; i++) trace += products[i * count + i]! / count;
  for (let i = 0; i < count; i++) products[i * count + i]! += ridge * trace;
  const k = Float64Array.from(start);
  const slope = target.map((value, i) => {
    let sum = -value;
    for (let j = 0; j < count; j++) sum += products[i * count + j]! * k[j]!;
    return sum;
  });
  for (let sweep = 0; sweep < sweeps; sweep++)
    for (let i = 0; i < count; i++) {
      const next = Math.max(0, k[i]! - slope[i]! / products[i * count + i]!);
      const change = next - k[i]!;
      if (change === 0) continue;
      k[i] = next;
      for (let j = 0; j < count; j++) slope[j]! += products[i * count + j]! * change;
    }
  return k;
}
