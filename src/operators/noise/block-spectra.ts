/** Side of a block in pixels. */
export const blockSize = 8;

/** Coefficients of a block. */
export const coefficients = blockSize ** 2;

/** Blocks that are looked at, at most: it bounds time and memory, whatever the size of the image. */
const most = 8192;

/** The cosine transform of a block: its power in each frequency, and its brightness. */
export interface BlockSpectrum {
  /** Squared coefficients of the orthonormal transform, row by row, a channel after the other. */
  readonly power: Float32Array;
  /** The same of the sum of the n channels, divided by n: as `power`, where they are independent. */
  readonly shared: Float32Array;
  /** Mean value. */
  readonly level: number;
}

/** The basis functions, one after the other. */
const basis = Float64Array.from({ length: coefficients }, (_, at) => {
  const [k, i] = [Math.floor(at / blockSize), at % blockSize];
  return Math.sqrt((k ? 2 : 1) / blockSize) * Math.cos((Math.PI * (i + 0.5) * k) / blockSize);
});

/** The transform of each row, transposed: twice in a row, it is the transform of the block. */
function transformRows(block: Float64Array): Float64Array {
  const result = new Float64Array(coefficients);
  for (let row = 0; row < blockSize; row++)
    for (let k = 0; k < blockSize; k++) {
      let sum = 0;
      for (let i = 0; i < blockSize; i++)
        sum += basis[k * blockSize + i]! * block[row * blockSize + i]!;
      result[k * blockSize + row] = sum;
    }
  return result;
}

/** Top left corners of whole blocks, spread evenly, off the grid of JPEG. */
function corners(height: number, width: number, missing?: Uint8Array): number[] {
  const first = (length: number) => (length < 1.5 * blockSize ? 0 : blockSize / 2);
  const count = (length: number) => Math.floor((length - first(length)) / blockSize);
  const [rows, columns] = [count(height), count(width)];
  const total = Math.max(0, rows) * Math.max(0, columns);
  const found: number[] = [];
  for (let i = 0; i < Math.min(total, most); i++) {
    const at = Math.floor((i * total) / Math.min(total, most));
    const top = first(height) + blockSize * Math.floor(at / columns);
    const corner = top * width + first(width) + blockSize * (at % columns);
    if (!missing || isKnown(missing, corner, width)) found.push(corner);
  }
  return found;
}

function isKnown(missing: Uint8Array, corner: number, width: number): boolean {
  for (let row = 0; row < blockSize; row++)
    for (let column = 0; column < blockSize; column++)
      if (missing[corner + row * width + column]) return false;
  return true;
}

/**
 * The spectra of blocks of 8 x 8 pixels. Blocks that show no noise are left out: those that are flat,
 * and those that are clipped, with values at an end of the range.
 *
 * @param values `[height, width, channels]` as plain numbers.
 * @param missing Pixels that are not looked at: 1 = missing, row by row.
 *
 * Undefined where no block is whole and known.
 */
export function blockSpectra(
  values: ArrayLike<number>,
  [height, width, channels]: readonly [number, number, number],
  missing?: Uint8Array,
): BlockSpectrum[] | undefined {
  const found = corners(height, width, missing);
  if (found.length === 0) return undefined;
  const planes = found.map((corner) =>
    Array.from({ length: channels }, (_, channel) => {
      const plane = new Float64Array(coefficients);
      for (let i = 0; i < coefficients; i++) {
        const pixel = corner + Math.floor(i / blockSize) * width + (i % blockSize);
        plane[i] = values[pixel * channels + channel]!;
      }
      return plane;
    }),
  );
  let [least, greatest] = [Infinity, -Infinity];
  for (const block of planes)
    for (const plane of block)
      for (const value of plane) {
        if (value < least) least = value;
        if (value > greatest) greatest = value;
      }
  const showsNoise = (plane: Float64Array) => {
    let [equal, clipped] = [0, 0];
    for (let i = 0; i < coefficients; i++) {
      if (i % blockSize && plane[i] === plane[i - 1]) equal++;
      if (plane[i] === least || plane[i] === greatest) clipped++;
    }
    return equal < 54 && clipped <= 3;
  };
  return planes.filter((block) => block.every(showsNoise)).map(spectrumOf);
}

function spectrumOf(block: readonly Float64Array[]): BlockSpectrum {
  const power = new Float32Array(block.length * coefficients);
  const sum = new Float64Array(coefficients);
  let level = 0;
  for (const [channel, plane] of block.entries()) {
    const transformed = transformRows(transformRows(plane));
    level += transformed[0]! / blockSize / block.length;
    for (let i = 0; i < coefficients; i++) {
      power[channel * coefficients + i] = transformed[i]! ** 2;
      sum[i]! += transformed[i]!;
    }
  }
  return { power, shared: Float32Array.from(sum, (value) => value ** 2 / block.length), level };
}
