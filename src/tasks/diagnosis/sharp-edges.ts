import * as tf from '@tensorflow/tfjs';

type Matrix = tf.Tensor2D;

const matrix = (rows: number, columns: number, value: (row: number, column: number) => number) =>
  tf.tensor2d(
    Float32Array.from({ length: rows * columns }, (_, at) =>
      value(Math.floor(at / columns), at % columns),
    ),
    [rows, columns],
  );

/**
 * Continues a line of pixels by its mirror image on both sides, faded where the two ends meet, so that it is
 * periodic: `[length + 2 border, length]`.
 */
function periodicMatrix(length: number, border: number): Matrix {
  const rows = Array.from({ length: length + 2 * border }, () => new Float32Array(length));
  rows.forEach((row, at) => {
    const place = Math.abs(at - border);
    const mirrored = place >= length ? 2 * length - 2 - place : place;
    // How far between the ends of the line, in (0, 1).
    const beyond = at < border ? at + border + 1 : at - length - border + 1;
    const t = beyond / (2 * border + 1);
    const isOutside = at < border || at >= length + border;
    const fade = isOutside ? Math.sin(Math.PI * t) : 0;
    row[mirrored]! += 1 - fade;
    if (!isOutside) return;
    row[length - 1]! += fade * (1 - t);
    row[0]! += fade * t;
  });
  return matrix(rows.length, length, (row, column) => rows[row]![column]!);
}

/** A periodic image in frequencies, `re + i im`. */
interface Wave {
  readonly re: Matrix;
  readonly im: Matrix;
}

/** `S(a, b)` of the rows moved up and the columns moved left, periodically. */
const moved = (image: Matrix, axis: 0 | 1, by: 1 | -1): Matrix => {
  const length = image.shape[axis];
  const at = by === 1 ? 1 : length - 1;
  const [rows, columns] = image.shape;
  const part = (from: number, count: number) =>
    axis === 0
      ? tf.slice(image, [from, 0], [count, columns])
      : tf.slice(image, [0, from], [rows, count]);
  return tf.concat([part(at, length - at), part(0, at)], axis);
};

/**
 * Weight of an edge relative to the misfit, the last weight of the splitting, and the growth of that weight
 * from step to step.
 */
const [lastWeight, growth] = [1e3, 2] as const;

/**
 * A square image without its fine texture, sharp: few gradients that are not 0 explain what was blurred.
 *
 * ```
 * argmin_x |y - k x|² + weight |∇x|_0
 * ```
 *
 * by half-quadratic splitting, with the image continued periodically.
 *
 * @param image `[n, n]`, values in [0, 1].
 * @param kernel `[k, k]`, k odd: a correlation kernel.
 * @returns `[n, n]`; the caller disposes it.
 *
 * Reference: Xu, Zheng and Jia, "Unnatural L0 sparse representation for natural image deblurring", CVPR 2013.
 */
export function sharpEdges(image: Matrix, kernel: readonly (readonly number[])[], weight: number) {
  return tf.tidy((): Matrix => {
    const length = image.shape[0];
    const border = kernel.length;
    const around = periodicMatrix(length, border);
    const y = tf.matMul(tf.matMul(around, image), around, false, true) as Matrix;
    const n = y.shape[0];
    const angle = (k: number, j: number) => (2 * Math.PI * ((k * j) % n)) / n;
    const [cosine, sine] = [Math.cos, Math.sin].map((wave) =>
      matrix(n, n, (k, j) => wave(angle(k, j))),
    ) as [Matrix, Matrix];
    const waveOf = (x: Matrix): Wave => {
      const [c, s] = [tf.matMul(cosine, x), tf.matMul(sine, x)];
      return {
        re: tf.sub<Matrix>(tf.matMul(c, cosine), tf.matMul(s, sine)),
        im: tf.neg(tf.add<Matrix>(tf.matMul(c, sine), tf.matMul(s, cosine))),
      };
    };
    const imageOf = ({ re, im }: Wave): Matrix => {
      const c = tf.sub<Matrix>(tf.matMul(cosine, re), tf.matMul(sine, im));
      const s = tf.add<Matrix>(tf.matMul(cosine, im), tf.matMul(sine, re));
      return tf.div<Matrix>(tf.sub(tf.matMul(c, cosine), tf.matMul(s, sine)), n * n);
    };
    // A correlation multiplies by the conjugate of what its kernel is in frequencies.
    const reach = kernel.length >> 1;
    const placed = matrix(n, n, (row, column) => {
      const [v, u] = [(row + reach) % n, (column + reach) % n];
      return kernel[v]?.[u] ?? 0;
    });
    const k = waveOf(placed);
    const seen = waveOf(y);
    const fitted: Wave = {
      re: tf.sub<Matrix>(tf.mul(k.re, seen.re), tf.mul(k.im, seen.im)),
      im: tf.add<Matrix>(tf.mul(k.re, seen.im), tf.mul(k.im, seen.re)),
    };
    const power = tf.add(tf.square(k.re), tf.square(k.im));
    const slope = matrix(
      n,
      n,
      (row, column) => 4 - 2 * Math.cos(angle(row, 1)) - 2 * Math.cos(angle(column, 1)),
    );
    let x: Matrix = y;
    for (let beta = 2 * weight; beta < lastWeight; beta *= growth) {
      const last = x;
      x = tf.tidy(() => {
        const down = tf.sub<Matrix>(moved(last, 0, 1), last);
        const across = tf.sub<Matrix>(moved(last, 1, 1), last);
        const strength = tf.add<Matrix>(tf.square(down), tf.square(across));
        const isEdge = tf.cast(tf.greater(strength, weight / beta), 'float32');
        const [v, u] = [tf.mul<Matrix>(down, isEdge), tf.mul<Matrix>(across, isEdge)];
        const bend = waveOf(tf.add<Matrix>(tf.sub(moved(v, 0, -1), v), tf.sub(moved(u, 1, -1), u)));
        const share = tf.add(power, tf.mul(slope, beta));
        return imageOf({
          re: tf.div<Matrix>(tf.add(fitted.re, tf.mul(bend.re, beta)), share),
          im: tf.div<Matrix>(tf.add(fitted.im, tf.mul(bend.im, beta)), share),
        });
      });
      if (last !== y) last.dispose();
    }
    return tf.slice<tf.Rank.R2, Matrix>(x, [border, border], [length, length]);
  });
}
