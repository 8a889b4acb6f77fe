import { frequencies } from './frequencies';
import { covariance, mean } from './photo-spectra';

/**
 * How much one ordinate of an averaged spectrum counts: windows overlap, and photos are not Gaussian.
 */
const weight = 0.3;

/** The terms of the logarithm of a photo's spectrum: powers of the frequency and its direction. */
const terms: readonly Float64Array[] = [
  () => 1,
  (radius: number) => Math.log(10 * radius),
  (radius: number) => Math.log(10 * radius) ** 2,
  (_: number, angle: number) => Math.cos(2 * angle),
  (_: number, angle: number) => Math.sin(2 * angle),
  (_: number, angle: number) => Math.cos(4 * angle),
  (_: number, angle: number) => Math.sin(4 * angle),
  (_: number, angle: number) => Math.cos(8 * angle),
  (radius: number, angle: number) => Math.log(10 * radius) * Math.cos(2 * angle),
  (radius: number, angle: number) => Math.log(10 * radius) * Math.sin(2 * angle),
].map((term) =>
  Float64Array.from(frequencies, ({ x, y }) => term(Math.hypot(x, y), Math.atan2(y, x))),
);

/** How the logarithm of the noise may be tilted, from low to high frequencies. */
const tilt = Float64Array.from(frequencies, ({ x, y }) => 1 - 4 * Math.hypot(x, y));

/** Parameters: one of each term, the logarithm of a factor of the noise, and its tilt. */
const size = terms.length + 2;
const [level, slant] = [size - 2, size - 1] as const;

type Matrix = readonly Float64Array[];

/** The lower triangle L of `A = L L'`, A symmetric and positive. */
function triangleOf(matrix: Matrix): Matrix {
  const lower = matrix.map(() => new Float64Array(matrix.length));
  for (let i = 0; i < matrix.length; i++)
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i]![j]!;
      for (let k = 0; k < j; k++) sum -= lower[i]![k]! * lower[j]![k]!;
      lower[i]![j] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / lower[j]![j]!;
    }
  return lower;
}

/** `A⁻¹ b` from its triangle. */
function solve(lower: Matrix, b: ArrayLike<number>): Float64Array {
  const x = Float64Array.from(b);
  for (let i = 0; i < x.length; i++) {
    for (let k = 0; k < i; k++) x[i]! -= lower[i]![k]! * x[k]!;
    x[i]! /= lower[i]![i]!;
  }
  for (let i = x.length - 1; i >= 0; i--) {
    for (let k = i + 1; k < x.length; k++) x[i]! -= lower[k]![i]! * x[k]!;
    x[i]! /= lower[i]![i]!;
  }
  return x;
}

/** What is known of the parameters before a spectrum is seen. */
interface Knowledge {
  readonly mean: readonly number[];
  /** The inverse covariance. */
  readonly precision: Matrix;
}

/** Knowledge of a photo and its noise. */
function knowledge(
  mean: readonly number[],
  covariance: readonly (readonly number[])[],
  noiseSpread: number,
  tiltSpread = 0.02,
): Knowledge {
  const triangle = triangleOf(covariance.map((row) => Float64Array.from(row)));
  const unit = (k: number) => covariance.map((_, i) => (i === k ? 1 : 0));
  const rows = covariance.map((_, k) => Float64Array.from([...solve(triangle, unit(k)), 0, 0]));
  const [ofLevel, ofTilt] = [new Float64Array(size), new Float64Array(size)];
  ofLevel[level] = 1 / noiseSpread ** 2;
  ofTilt[slant] = 1 / tiltSpread ** 2;
  return { mean, precision: [...rows, ofLevel, ofTilt] };
}

const ofPhotos = knowledge(mean, covariance, 0.5);

/** The spectrum of grain is measured in the smoothest parts of a photo, so that its lowest frequencies are too weak. */
export const withGrain = knowledge(mean, covariance, 0.5, 0.7);

/** Value, gradient and curvature of the log posterior at some parameters. */
interface Expansion {
  readonly value: number;
  readonly gradient: Float64Array;
  readonly curvature: Matrix;
}

function expand(
  spectrum: Float64Array,
  response: Float64Array,
  noise: Float64Array,
  parameters: Float64Array,
  centre: Float64Array,
  precision: Matrix,
): Expansion {
  const gradient = new Float64Array(size);
  const curvature = Array.from({ length: size }, () => new Float64Array(size));
  const slopes = new Float64Array(size);
  let value = 0;
  for (let i = 0; i < frequencies.length; i++) {
    let log = 0;
    for (let k = 0; k < terms.length; k++) log += parameters[k]! * terms[k]![i]!;
    const photo = Math.exp(log) * response[i]!;
    const grain = noise[i]! * Math.exp(parameters[level]! + parameters[slant]! * tilt[i]!);
    const expected = photo + grain;
    const ratio = spectrum[frequencies[i]!.at]! / expected;
    value -= weight * (Math.log(expected) + ratio);
    for (let k = 0; k < terms.length; k++) slopes[k] = (photo / expected) * terms[k]![i]!;
    slopes[level] = grain / expected;
    slopes[slant] = slopes[level]! * tilt[i]!;
    for (let k = 0; k < size; k++) {
      const slope = weight * slopes[k]!;
      gradient[k]! += (ratio - 1) * slope;
      const row = curvature[k]!;
      for (let j = 0; j <= k; j++) row[j]! += slope * slopes[j]!;
    }
  }
  for (let k = 0; k < size; k++)
    for (let j = 0; j < size; j++) {
      const distance = parameters[j]! - centre[j]!;
      const pull = precision[k]![j]!;
      gradient[k]! -= pull * distance;
      value -= 0.5 * (parameters[k]! - centre[k]!) * pull * distance;
      if (j <= k) curvature[k]![j]! += pull;
      else curvature[k]![j] = 0;
    }
  return { value, gradient, curvature };
}

/** How a fit is searched for. */
interface FitOptions {
  /** Parameters of a similar blur. */
  readonly start?: Float64Array | undefined;
  /** Rounds of the search at most. */
  readonly rounds?: number;
  /** What is known before; of sharp photos by default. */
  readonly known?: Knowledge;
}

/** A spectrum explained by a blurred photo and noise. */
export interface Fit {
  /** The logarithm of the probability of the spectrum under this blur, up to a constant. */
  readonly evidence: number;
  /** The parameters that explain it best. */
  readonly parameters: Float64Array;
}

/**
 * The evidence for a blur: `S = P |K|² + noise`, with P the spectrum of a sharp photo, which a
 * Gaussian prior over the coefficients of log P knows from photos; by Fisher scoring and Laplace's
 * approximation, with Whittle's likelihood.
 *
 * @param noise Its power at each of the `frequencies`, up to a factor near 1.
 *
 * Reference: Whittle, "Estimation and information in stationary time series", Arkiv för Matematik 1953.
 */
export function fitSpectrum(
  spectrum: Float64Array,
  response: Float64Array,
  noise: Float64Array,
  { start, rounds = 12, known = ofPhotos }: FitOptions = {},
): Fit {
  const centre = Float64Array.from([...known.mean, 0, 0]);
  let parameters: Float64Array = start ?? centre;
  let here = expand(spectrum, response, noise, parameters, centre, known.precision);
  for (let round = 0; round < rounds; round++) {
    const step = solve(triangleOf(here.curvature), here.gradient);
    let next = here;
    let share = 1;
    let moved = parameters;
    do {
      const part = share;
      moved = parameters.map((value, k) => value + part * Math.max(-3, Math.min(3, step[k]!)));
      next = expand(spectrum, response, noise, moved, centre, known.precision);
      share /= 2;
    } while (next.value < here.value && share > 0.03);
    const gain = next.value - here.value;
    if (gain <= 0) break;
    [here, parameters] = [next, moved];
    if (gain < 0.05) break;
  }
  const triangle = triangleOf(here.curvature);
  const volume = triangle.reduce((sum, row, i) => sum + Math.log(row[i]!), 0);
  return { evidence: here.value - volume, parameters };
}

/** The terms of the spectrum of a sharp photo without noise, for which next to nothing is known before. */
export function describeSpectrum(spectrum: Float64Array): number[] {
  const wide = terms.map((_, k) => terms.map((__, j) => (k === j ? 100 : 0)));
  const known = knowledge([0, -2.4, ...Array(terms.length - 2).fill(0)], wide, 0.1);
  const none = new Float64Array(frequencies.length).fill(1);
  const { parameters } = fitSpectrum(
    spectrum,
    none,
    none.map(() => 2e-6),
    { known, rounds: 20 },
  );
  return [...parameters.slice(0, terms.length)];
}
