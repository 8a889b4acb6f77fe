/** The median of numbers; it sorts them. */
function median(values: Float32Array): number {
  values.sort();
  const middle = values.length >> 1;
  return values.length % 2 ? values[middle]! : (values[middle - 1]! + values[middle]!) / 2;
}

/** The median of |n| for a standard normal n. */
const medianOfNormal = 0.6744897501960817;

/** Differences that the estimate looks at, at most. */
const enough = 2e6;

/**
 * The standard deviation of the noise of an image, from its finest Haar diagonals:
 * `median |(a - b - c + d) / 2| / 0.6745` over blocks of 2 x 2 pixels. Fine texture counts as noise;
 * what compression has smoothed away does not. Undefined where no block is whole.
 *
 * @param values `[height, width, channels]` as plain numbers; the result is on their scale.
 * @param missing Pixels that are not looked at: 1 = missing, row by row.
 *
 * Reference: Donoho and Johnstone, "Ideal spatial adaptation by wavelet shrinkage", 1994.
 */
export function estimateNoise(
  values: ArrayLike<number>,
  [height, width, channels]: readonly [number, number, number],
  missing?: Uint8Array,
): number | undefined {
  const blocks = (height >> 1) * (width >> 1);
  const stride = Math.max(1, Math.ceil((blocks * channels) / enough));
  const found: number[] = [];
  for (let block = 0; block < blocks; block += stride) {
    const row = 2 * Math.floor(block / (width >> 1));
    const pixel = row * width + 2 * (block % (width >> 1));
    const corners = [pixel, pixel + 1, pixel + width, pixel + width + 1];
    if (missing && corners.some((at) => missing[at])) continue;
    for (let channel = 0; channel < channels; channel++) {
      const [a, b, c, d] = corners.map((at) => values[at * channels + channel]!);
      found.push(Math.abs(a! - b! - c! + d!) / 2);
    }
  }
  if (found.length === 0) return undefined;
  return median(Float32Array.from(found)) / medianOfNormal;
}
