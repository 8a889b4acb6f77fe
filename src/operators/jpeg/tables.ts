import { checkRange } from '../../internal/check';

/** The steps of one component: 64 integers, row by row from the lowest frequency. */
export type QuantizationTable = readonly number[];

/** Annex K of the standard, as libjpeg scales it: quality 50. */
const standardLuma: QuantizationTable = [
  16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56,
  14, 17, 22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113,
  92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
];

const standardChroma: QuantizationTable = [
  17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99,
  47, 66, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
  99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
];

/** Where the ten lowest frequencies stand: no table clips them, and they carry most of a photo. */
const lowest = [0, 1, 2, 3, 8, 9, 10, 16, 17, 24];

const meanOfLowest = (table: QuantizationTable): number =>
  lowest.reduce((sum, at) => sum + table[at]!, 0) / lowest.length;

/**
 * The tables of luminance and of both chrominances at a quality, an integer from 1 to 100, by the
 * formula of libjpeg that most programs follow.
 */
export function standardTables(quality: number): [QuantizationTable, QuantizationTable] {
  const valid = Number.isInteger(quality) && quality >= 1 && quality <= 100;
  checkRange(valid, 'jpeg', 'quality', 'an integer from 1 to 100', quality);
  const percent = quality < 50 ? Math.floor(5000 / quality) : 200 - 2 * quality;
  const scaled = (table: QuantizationTable) =>
    table.map((step) => Math.min(255, Math.max(1, Math.floor((step * percent + 50) / 100))));
  return [scaled(standardLuma), scaled(standardChroma)];
}

/** The quality whose standard table is nearest to this one of luminance, an integer from 1 to 100. */
export function qualityOf(luma: QuantizationTable): number {
  const percent = (100 * meanOfLowest(luma)) / meanOfLowest(standardLuma);
  const quality = percent < 100 ? 100 - percent / 2 : 5000 / percent;
  return Math.max(1, Math.min(100, Math.round(quality)));
}

/** Errors of decoded photos per square root of the step: measured at the qualities 10, 20 and 40. */
const errorOfStep = 0.168;

/** The noise level on [-1, 1] at which a denoiser cleans a file with this table best. */
export const errorLevelOf = (luma: QuantizationTable): number =>
  errorOfStep * Math.sqrt(meanOfLowest(luma) / 127.5);
