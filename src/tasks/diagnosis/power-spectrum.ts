import type { GrayImage } from './gray-image';

/** Side of the windows whose spectra are averaged, a power of 2. */
export const windowSide = 64;

/** The discrete Fourier transform of `windowSide` numbers, in place, by radix 2. */
function transform(real: Float64Array, imaginary: Float64Array): void {
  const n = real.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i >= j) continue;
    [real[i], real[j]] = [real[j]!, real[i]!];
    [imaginary[i], imaginary[j]] = [imaginary[j]!, imaginary[i]!];
  }
  for (let length = 2; length <= n; length *= 2)
    for (let k = 0; k < length / 2; k++) {
      const angle = (-2 * Math.PI * k) / length;
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      for (let p = k; p < n; p += length) {
        const q = p + length / 2;
        const [a, b] = [real[q]! * c - imaginary[q]! * s, real[q]! * s + imaginary[q]! * c];
        [real[q], imaginary[q]] = [real[p]! - a, imaginary[p]! - b];
        [real[p], imaginary[p]] = [real[p]! + a, imaginary[p]! + b];
      }
    }
}

const hann = Float64Array.from(
  { length: windowSide },
  (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / windowSide),
);

const hannSum = hann.reduce((sum, value) => sum + value, 0);
const hannSquares = hann.reduce((sum, value) => sum + value ** 2, 0);

/** Adds the periodogram of one window: of white noise, its variance everywhere. */
function addPeriodogram(
  { values, width }: GrayImage,
  top: number,
  left: number,
  sum: Float64Array,
): void {
  const n = windowSide;
  const at = (y: number, x: number) => values[(top + y) * width + left + x]!;
  let mean = 0;
  for (let y = 0; y < n; y++)
    for (let x = 0; x < n; x++) mean += (hann[y]! * hann[x]! * at(y, x)) / hannSum ** 2;
  const lines = Array.from({ length: n }, (_, y) => {
    const line = [new Float64Array(n), new Float64Array(n)] as const;
    for (let x = 0; x < n; x++) line[0][x] = hann[y]! * hann[x]! * (at(y, x) - mean);
    transform(...line);
    return line;
  });
  for (let x = 0; x < n; x++) {
    const column = [new Float64Array(n), new Float64Array(n)] as const;
    for (let y = 0; y < n; y++)
      for (const part of [0, 1] as const) column[part][y] = lines[y]![part][x]!;
    transform(...column);
    for (let y = 0; y < n; y++)
      sum[y * n + x]! += (column[0][y]! ** 2 + column[1][y]! ** 2) / hannSquares ** 2;
  }
}

/**
 * The power spectrum of an image, averaged over windows of 64 x 64 that overlap by half:
 * `[64, 64]` row by row, frequency 0 first. Of white noise it is the variance. Undefined for an image
 * that is smaller.
 */
export function powerSpectrum(image: GrayImage): Float64Array | undefined {
  const n = windowSide;
  const sum = new Float64Array(n * n);
  let count = 0;
  for (let top = 0; top + n <= image.height; top += n / 2)
    for (let left = 0; left + n <= image.width; left += n / 2) {
      addPeriodogram(image, top, left, sum);
      count++;
    }
  return count === 0 ? undefined : sum.map((value) => value / count);
}
