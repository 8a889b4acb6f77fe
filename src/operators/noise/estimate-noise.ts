import { type BlockSpectrum, blockSize, blockSpectra, coefficients } from './block-spectra';

/** The noise of an image, as far as the image shows it. */
export interface NoiseEstimate {
  /** Standard deviation of a pixel, on the scale of the values. */
  readonly std: number;
  /**
   * `std` of the sum of the n channels, divided by the root of n. It equals `std` where each channel has
   * noise of its own. It is larger where they share it: after JPEG with few colours, or where all
   * channels are equal. `independentChannels` helps there.
   */
  readonly sharedStd: number;
  /**
   * The grain is larger than a pixel, as after demosaicing, resizing or JPEG compression. A denoiser
   * for white noise removes it at a level of about `1.7 std`.
   */
  readonly correlated: boolean;
  /**
   * The power of correlated noise in each frequency of the cosine transform of 8 x 8 pixels, row by row; left out
   * where the noise is white.
   */
  readonly spectrum?: Float64Array;
  /**
   * The noise grows with brightness, as shot noise does; `std` is its mean over the image. Not looked
   * for in correlated noise.
   */
  readonly signalDependent: boolean;
  /** In [0, 1]: low where texture or too few pixels make `std` a guess, probably too large. */
  readonly confidence: number;
}

/** Power in each frequency, the mean of channels and blocks. */
type Spectrum = Float64Array;

const row = (i: number) => Math.floor(i / blockSize);
const column = (i: number) => i % blockSize;
const frequency = (i: number) => row(i) + column(i);

/** Mean power of the frequencies from `least` to `most`, counted in half periods down and across. */
function band(spectrum: Spectrum, least: number, most: number): number {
  const within = spectrum.filter((_, i) => frequency(i) >= least && frequency(i) <= most);
  return within.reduce((a, b) => a + b) / within.length;
}

const highest = 2 * (blockSize - 1);

/** How much weaker the high frequencies are than those below them. */
const fallOf = (spectrum: Spectrum): number =>
  band(spectrum, 3, 6) / band(spectrum, blockSize, highest);

/** The share of the blocks that is taken for smooth, and how many are at least. */
const [smoothShare, leastBlocks] = [0.03, 16];

/**
 * The spectrum of the smoothest blocks, or of some times as many. Each half of the frequencies, interleaved, is measured in the
 * blocks where the other half is weakest: noise is independent between them, so that the choice does
 * not make it smaller, and texture is not.
 */
function smoothest(blocks: readonly Pick<BlockSpectrum, 'power' | 'level'>[], times = 1): Spectrum {
  const share = Math.max(leastBlocks, Math.round(smoothShare * blocks.length));
  const count = Math.min(blocks.length, times * share);
  const spectrum = new Float64Array(coefficients);
  for (const half of [0, 1]) {
    const energy = blocks.map(({ power }) => {
      let sum = 0;
      for (let i = 0; i < power.length; i++)
        if (i % coefficients && frequency(i % coefficients) % 2 !== half) sum += power[i]!;
      return sum;
    });
    const order = energy.map((_, i) => i).sort((a, b) => energy[a]! - energy[b]!);
    for (const chosen of order.slice(0, count)) {
      const { power } = blocks[chosen]!;
      for (let i = 0; i < power.length; i++)
        if (frequency(i % coefficients) % 2 === half)
          spectrum[i % coefficients]! += power[i]! / (power.length / coefficients) / count;
    }
  }
  return spectrum;
}

/** Line `a + b x` of least squares. */
function fitLine(points: readonly (readonly [number, number])[]): [a: number, b: number] {
  const mean = (f: (x: number, y: number) => number) =>
    points.reduce((sum, [x, y]) => sum + f(x, y), 0) / points.length;
  const [x, y] = [mean((x) => x), mean((_, y) => y)];
  const slope = mean((u, v) => (u - x) * (v - y)) / mean((u) => (u - x) ** 2);
  return [y - slope * x, slope];
}

/**
 * The spectrum of correlated noise. The image itself rules the lowest frequencies, which are bounded by the bell that
 * the frequencies above them follow.
 */
function correlatedPower(spectrum: Spectrum): Spectrum {
  const square = (i: number) => row(i) ** 2 + column(i) ** 2;
  const indices = [...spectrum.keys()];
  const [peak, slope] = fitLine(
    indices
      .filter((i) => frequency(i) >= 3 && frequency(i) <= 5)
      .map((i) => [square(i), Math.log(spectrum[i]! + 1e-20)]),
  );
  return spectrum.map((power, i) => {
    if (frequency(i) > 2) return power;
    const measured = i === 0 ? (spectrum[1]! + spectrum[blockSize]!) / 2 : power;
    return Math.min(measured, Math.exp(peak + Math.min(0, slope) * square(i)));
  });
}

const varianceOf = (spectrum: Spectrum, correlated: boolean): number =>
  correlated ? band(correlatedPower(spectrum), 0, highest) : band(spectrum, blockSize - 1, highest);

/** The share of that variance which is noise where no block is smooth: texture falls on as it fell. */
const noiseShare = (spectrum: Spectrum): number =>
  Math.min(1, band(spectrum, blockSize + 4, highest) / band(spectrum, blockSize - 1, highest)) ** 2;

/** Spectra of equally many blocks each, from dark to bright. */
function byBrightness(blocks: readonly BlockSpectrum[], groups: number): Spectrum[] {
  const sorted = [...blocks].sort((a, b) => a.level - b.level);
  const edge = (i: number) => Math.round((i * sorted.length) / groups);
  return Array.from({ length: groups }, (_, i) => smoothest(sorted.slice(edge(i), edge(i + 1))));
}

/**
 * Estimates the noise of an image from the cosine spectra of its smoothest blocks of 8 x 8 pixels.
 *
 * Flat and clipped blocks, such as borders, are left out. Where the spectrum is even, the noise is white,
 * and `std` comes from its upper half, which texture hardly reaches; where it falls, the noise is
 * correlated, and `std` comes from all of it. In an image too small to have smooth blocks `std` comes from
 * how the highest frequencies fall. What compression has smoothed away is not noise. At most
 * 8,192 blocks are looked at, whatever the size of the image.
 *
 * @param values `[height, width, channels]` as plain numbers; the result is on their scale.
 * @param missing Pixels that are not looked at: 1 = missing, row by row.
 *
 * @returns The estimate, with std 0 where all blocks are flat or clipped; undefined where no block is
 * whole and known.
 */
export function estimateNoise(
  values: ArrayLike<number>,
  shape: readonly [number, number, number],
  missing?: Uint8Array,
): NoiseEstimate | undefined {
  const blocks = blockSpectra(values, shape, missing);
  if (!blocks) return undefined;
  if (blocks.length === 0)
    return { std: 0, sharedStd: 0, correlated: false, signalDependent: false, confidence: 0 };
  const shared = blocks.map(({ shared: power, level }) => ({ power, level }));
  const [spectrum, ofSum] = [smoothest(blocks), smoothest(shared)];
  const more = smoothest(blocks, 3);
  const agreement = Math.sqrt(band(spectrum, 3, 6) / band(more, 3, 6));
  // Colours that were stored at half the size fall alone: what channels share shows the grain.
  const fall = Math.min(fallOf(spectrum), fallOf(ofSum));
  const correlated = blocks.length >= 64 && fall > 2.2 && agreement > 0.88;
  const groups = correlated || blocks.length < 256 ? [] : byBrightness(blocks, 4);
  const variances = groups.map((group) => varianceOf(group, false));
  const signalDependent = grows(variances);
  const isTextured = !correlated && blocks.length < 256 && fall > 2.2;
  const variance = signalDependent
    ? variances.reduce((a, b) => a + b) / variances.length
    : varianceOf(spectrum, correlated) * (isTextured ? noiseShare(spectrum) : 1);
  const ratio = varianceOf(ofSum, correlated) / varianceOf(spectrum, correlated);
  return {
    std: Math.sqrt(variance),
    sharedStd: Math.sqrt(ratio * variance),
    correlated,
    ...(correlated && { spectrum: correlatedPower(spectrum) }),
    signalDependent,
    confidence: Math.min(1, agreement, blocks.length / 64),
  };
}

/** Whether variances grow from each group to the next, and twofold at least in all. */
const grows = (variances: readonly number[]): boolean =>
  variances.length > 0 &&
  variances.every((variance, i) => i === 0 || variance > 1.05 * variances[i - 1]!) &&
  variances.at(-1)! > 2 * variances[0]!;
