import { type Fit, fitSpectrum, withGrain } from './fit-spectrum';
import { type Frequency, frequencies } from './frequencies';
import type { GrayImage } from './gray-image';
import { powerSpectrum } from './power-spectrum';

/** Least noise power of an 8-bit photo: its rounding. */
const rounding = (2 / 255) ** 2 / 12;

/** The spectra of the parts of a photo, and how well a blur explains them. */
export interface Spectra {
  /** The fit of a sharp photo to their mean. */
  readonly sharp: Fit;
  /** The fit of a blur to their mean, from that of a similar one. */
  fit(response: Float64Array, similar?: Fit, rounds?: number): Fit;
  /** The logarithm of how many times likelier a blur is than none. */
  evidence(response: Float64Array, similar: Fit): number;
}

const meanOf = (spectra: readonly Float64Array[]): Float64Array =>
  spectra[0]!.map((_, at) => spectra.reduce((sum, one) => sum + one[at]!, 0) / spectra.length);

/** A spectrum of 8 x 8 frequencies, half periods over 8 pixels, between which it is linear. */
function powerAt(grain: ArrayLike<number>, { x, y }: Frequency): number {
  const [u, v] = [16 * Math.abs(x), 16 * Math.abs(y)];
  const [left, top] = [Math.min(6, Math.floor(u)), Math.min(6, Math.floor(v))];
  const [right, down] = [Math.min(1, u - left), Math.min(1, v - top)];
  const row = (k: number) => (1 - right) * grain[8 * k + left]! + right * grain[8 * k + left + 1]!;
  return (1 - down) * row(top) + down * row(top + 1);
}

/** The power of noise at each frequency: everywhere the same, but for grain that is larger than a pixel. */
function noisePower(noiseStd: number, grain?: ArrayLike<number>): Float64Array {
  return Float64Array.from(frequencies, (frequency) =>
    Math.max(rounding, grain ? powerAt(grain, frequency) : noiseStd ** 2),
  );
}

/** The spectra of regions as `estimateBlur` takes them; undefined where none is large enough. */
export function spectraOf(
  regions: readonly GrayImage[],
  noiseStd: number,
  errorStd: number,
  grain?: ArrayLike<number>,
): Spectra | undefined {
  const seen = regions.flatMap((region) => powerSpectrum(region) ?? []);
  if (seen.length === 0) return undefined;
  const spectra = seen.map((one) => one.map((power) => power + errorStd ** 2));
  const noise = noisePower(noiseStd, grain).map((power) => power + errorStd ** 2);
  const fitted = (spectrum: Float64Array, response: Float64Array, similar?: Fit, rounds?: number) =>
    fitSpectrum(spectrum, response, noise, {
      start: similar?.parameters,
      ...(grain && { known: withGrain }),
      ...(rounds && { rounds }),
    });
  const whole = meanOf(spectra);
  const none = new Float64Array(frequencies.length).fill(1);
  const sharp = fitted(whole, none);
  // A part of the photo has a spectrum of its own under the blur that all share. What no spectrum of a sharp photo
  // explains, as a texture of one direction, is often in all parts, so that n of them count as the root of n.
  const total = (response: Float64Array, similar: Fit): number =>
    spectra.reduce((sum, spectrum) => sum + fitted(spectrum, response, similar).evidence, 0) /
    Math.sqrt(spectra.length);
  const ofNone = total(none, sharp);
  return {
    sharp,
    fit: (response, similar, rounds) => fitted(whole, response, similar, rounds),
    evidence: (response, similar) => total(response, similar) - ofNone,
  };
}
