import sharp from 'sharp';
import { readPixels } from 'spgd/node';
import { describe, expect, test } from 'vitest';
import { estimateNoise } from '../../../src/operators/noise/estimate-noise';

type Shape = readonly [height: number, width: number, channels: number];

/** Standard normal numbers, with a generator of their own: mulberry32 and Box-Muller. */
function normals(seed: number): () => number {
  let state = seed;
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

const shape: Shape = [283, 331, 3];

/** The corner of a bundled photo, on [-1, 1]; with 1 channel its green. */
async function photo(name: string, [height, width, channels]: Shape = shape) {
  const { values, shape: whole } = await readPixels(`photos/${name}.png`);
  return Float32Array.from({ length: height * width * channels }, (_, at) => {
    const pixel = Math.floor(at / channels);
    const from = (Math.floor(pixel / width) * whole[1] + (pixel % width)) * whole[2];
    return values[from + (channels === 1 ? 1 : at % channels)]! / 127.5 - 1;
  });
}

const levels = (values: Float32Array) =>
  Uint8ClampedArray.from(values, (value) => (value + 1) * 127.5);
const rounded = (values: Float32Array) =>
  Float32Array.from(levels(values), (level) => level / 127.5 - 1);

/** Noise of std 1 whose pixels are weighted means of 3 x 3 independent ones. */
function smoothed([height, width, channels]: Shape, seed: number): Float32Array {
  const normal = normals(seed);
  const wide = Float32Array.from({ length: (height + 2) * (width + 2) * channels }, normal);
  const weights = [1, 2, 1];
  return Float32Array.from({ length: height * width * channels }, (_, at) => {
    const [row, rest] = [Math.floor(at / (width * channels)), at % (width * channels)];
    let sum = 0;
    for (const [i, down] of weights.entries())
      for (const [j, across] of weights.entries())
        sum += down * across * wide[(row + i) * (width + 2) * channels + rest + j * channels]!;
    return sum / 6; // the weights have a sum of squares of 36
  });
}

/** Noise of a sensor behind a Bayer pattern, its colours interpolated. */
function demosaiced([height, width]: Shape, seed: number): Float32Array {
  const normal = normals(seed);
  const sensor = Float32Array.from({ length: height * width }, normal);
  const colour = (row: number, column: number) => (row % 2) + (column % 2);
  return Float32Array.from({ length: height * width * 3 }, (_, at) => {
    const [row, column] = [Math.floor(at / (3 * width)), Math.floor(at / 3) % width];
    let [sum, total] = [0, 0];
    for (const down of [-1, 0, 1])
      for (const across of [-1, 0, 1]) {
        const [y, x] = [row + down, column + across];
        if (y < 0 || x < 0 || y >= height || x >= width || colour(y, x) !== at % 3) continue;
        const weight = (2 - Math.abs(down)) * (2 - Math.abs(across));
        sum += weight * sensor[y * width + x]!;
        total += weight;
      }
    return sum / total;
  });
}

const deviation = (values: Float32Array, clean: Float32Array) =>
  Math.sqrt(values.reduce((sum, value, i) => sum + (value - clean[i]!) ** 2, 0) / values.length);

/** The noise that was found, relative to the one that is there. */
function found(values: Float32Array, clean: Float32Array, size: Shape = shape) {
  const estimate = estimateNoise(values, size)!;
  return { ...estimate, ratio: estimate.std / deviation(values, clean) };
}

function expectClose(ratio: number): void {
  expect(ratio).toBeGreaterThan(0.85);
  expect(ratio).toBeLessThan(1.15);
}

describe.each([['coffee'], ['chelsea']])('noise within 15 % on %s', (name) => {
  test.each([
    [0.02, 1],
    [0.05, 2],
    [0.1, 3],
    [0.1, 4],
    [0.3, 5],
  ])('white, std %d, seed %d', async (std, seed) => {
    const clean = await photo(name);
    const normal = normals(seed);
    const noisy = clean.map((value) => value + std * normal());
    const { ratio, correlated, signalDependent, confidence } = found(noisy, clean);
    expectClose(ratio);
    expect({ correlated, signalDependent }).toEqual({ correlated: false, signalDependent: false });
    expect(confidence).toBeGreaterThan(0.7);
  });

  // Reduced, a photo has texture in most of its blocks, which is no grain.
  test.each([96, 128])('weak, in a photo reduced to %d pixels: at most twice', async (side) => {
    const { data } = await sharp(`photos/${name}.png`)
      .resize(side, side, { fit: 'cover', kernel: 'lanczos3' })
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const clean = Float32Array.from(data, (level) => level / 127.5 - 1);
    const normal = normals(side);
    const noisy = clean.map((value) => value + 0.02 * normal());
    const { ratio, correlated } = found(noisy, clean, [side, side, 3]);
    expect(correlated).toBe(false);
    expect(ratio).toBeGreaterThan(0.6);
    expect(ratio).toBeLessThan(2);
  });

  test.each([6, 7])('a grey photo, seed %d', async (seed) => {
    const size: Shape = [271, 337, 1];
    const clean = await photo(name, size);
    const normal = normals(seed);
    expectClose(
      found(
        clean.map((value) => value + 0.094 * normal()),
        clean,
        size,
      ).ratio,
    );
  });

  test.each([
    ['averaged over 3 x 3 pixels', 8, smoothed],
    ['averaged over 3 x 3 pixels', 9, smoothed],
    ['interpolated by a camera', 10, demosaiced],
    ['interpolated by a camera', 11, demosaiced],
  ] as const)('correlated, %s, seed %d', async (_, seed, noise) => {
    const clean = await photo(name);
    const grain = noise(shape, seed);
    const { ratio, correlated } = found(
      rounded(clean.map((value, i) => value + 0.08 * grain[i]!)),
      clean,
    );
    expectClose(ratio);
    expect(correlated).toBe(true);
  });

  test('gives the spectrum of correlated noise, and none of white noise', () => {
    const side = 320;
    const normal = normals(18);
    const white = Float32Array.from({ length: side ** 2 }, () => 0.1 * normal());
    expect(estimateNoise(white, [side, side, 1])).not.toHaveProperty('spectrum');
    // Shares of 1/4, 1/2, 1/4 down and across.
    const along = (noise: Float32Array, step: number) =>
      noise.map((v, at) => v / 2 + ((noise[at - step] ?? 0) + (noise[at + step] ?? 0)) / 4);
    const grain = along(along(white, 1), side);
    const { spectrum } = estimateNoise(grain, [side, side, 1])!;
    const passed = (k: number) => Math.cos((Math.PI * k) / 16) ** 4;
    for (const [row, column] of [
      [0, 3],
      [3, 0],
      [3, 3],
      [4, 2],
    ] as const) {
      const ratio = spectrum![8 * row + column]! / (0.01 * passed(row) * passed(column));
      expect(ratio).toBeGreaterThan(0.4); // the smoothest blocks show too little
      expect(ratio).toBeLessThan(1.5);
    }
    expect(spectrum![63]!).toBeLessThan(1e-3 * spectrum![3]!);
  });

  test.each([12, 13])('compressed by JPEG, seed %d', async (seed) => {
    const clean = await photo(name);
    const normal = normals(seed);
    const [height, width, channels] = shape;
    const raw = { width, height, channels: channels as 3 };
    const noisy = levels(clean.map((value) => value + 0.1 * normal()));
    const file = await sharp(noisy, { raw }).jpeg({ quality: 90 }).toBuffer();
    const decoded = Float32Array.from(await sharp(file).raw().toBuffer(), (v) => v / 127.5 - 1);
    expectClose(found(decoded, clean).ratio);
    const { sharedStd, std, correlated } = estimateNoise(decoded, shape)!;
    const ofMean = (values: Float32Array) =>
      Float32Array.from({ length: height * width }, (_, i) =>
        values.subarray(channels * i, channels * (i + 1)).reduce((a, b) => a + b / channels, 0),
      );
    expectClose(sharedStd / (Math.sqrt(channels) * deviation(ofMean(decoded), ofMean(clean))));
    expect(sharedStd).toBeGreaterThan(1.2 * std);
    expect(correlated).toBe(false);
  });

  test.each([16, 17])('independent, and shared by the channels, seed %d', async (seed) => {
    const clean = await photo(name);
    const normal = normals(seed);
    const independent = estimateNoise(
      clean.map((value) => value + 0.1 * normal()),
      shape,
    )!;
    expectClose(independent.sharedStd / independent.std);
    let same = 0;
    const equal = clean.map((value, i) => {
      if (i % shape[2] === 0) same = 0.1 * normal();
      return value + same;
    });
    const { std, sharedStd } = estimateNoise(equal, shape)!;
    expectClose(sharedStd / (Math.sqrt(3) * std));
  });

  test('a border without noise, of half the picture', async () => {
    const clean = await photo(name);
    const normal = normals(14);
    const isBorder = (i: number) => Math.floor(i / 3) % shape[1] < shape[1] / 2;
    const noisy = rounded(clean.map((v, i) => (isBorder(i) ? 1 : v + 0.14 * normal())));
    expectClose(estimateNoise(noisy, shape)!.std / 0.14);
  });
});

test('says that noise grows with brightness, and gives its mean', () => {
  const size: Shape = [151, 203, 3];
  const normal = normals(15);
  const variance = (value: number) => 0.001 + 0.006 * (value + 1);
  const clean = Float32Array.from({ length: 151 * 203 * 3 }, (_, i) => {
    const column = Math.floor(i / 3) % 203;
    return (1.6 * column) / 203 - 0.8;
  });
  const noisy = clean.map((value) => value + Math.sqrt(variance(value)) * normal());
  const { ratio, signalDependent } = found(noisy, clean, size);
  expect(signalDependent).toBe(true);
  expectClose(ratio);
});

test('looks at known pixels only', () => {
  const size: Shape = [64, 80, 1];
  const normal = normals(16);
  const isLeft = (i: number) => i % 80 < 40;
  const values = Float32Array.from({ length: 64 * 80 }, (_, i) => (isLeft(i) ? 0.1 : 1) * normal());
  const missing = Uint8Array.from(values, (_, i) => (isLeft(i) ? 0 : 1));
  expectClose(estimateNoise(values, size, missing)!.std / 0.1);
});

test('is 0 without confidence where all is flat, and undefined where no block is whole', () => {
  expect(estimateNoise(new Float32Array(31 * 37).fill(0.5), [31, 37, 1])).toEqual({
    std: 0,
    sharedStd: 0,
    correlated: false,
    signalDependent: false,
    confidence: 0,
  });
  expect(estimateNoise(new Float32Array(7 * 37), [7, 37, 1])).toBeUndefined();
  expect(estimateNoise(new Float32Array(64), [8, 8, 1], new Uint8Array(64).fill(1))).toBe(
    undefined,
  );
});

test('takes no longer for 40 megapixels than for 4', () => {
  const cpu = (height: number, width: number) => {
    const values = Uint8Array.from({ length: height * width }, (_, i) => (i * 7919) % 251);
    const before = process.cpuUsage();
    estimateNoise(values, [height, width, 1]);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
  cpu(2000, 2000);
  expect(cpu(5000, 8000)).toBeLessThan(3 * cpu(2000, 2000) + 100);
});
