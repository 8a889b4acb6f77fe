import { checkRange } from '../internal/check';

/** Lines on which the overlap of a pixel with the disc is integrated. */
const lines = 64;

/** Largest radius in pixels: larger discs are as large as photos. */
const largest = 500;

/** The area of the pixel at (row, column) that a disc around the origin covers. */
function coverage(row: number, column: number, radius: number): number {
  let area = 0;
  for (let line = 0; line < lines; line++) {
    const y = row - 0.5 + (line + 0.5) / lines;
    const half = Math.sqrt(Math.max(0, radius ** 2 - y ** 2));
    const overlap = Math.min(column + 0.5, half) - Math.max(column - 0.5, -half);
    area += Math.max(0, overlap) / lines;
  }
  return area;
}

/**
 * The kernel of a lens out of focus: a disc of this radius, each pixel weighted by the area that the
 * disc covers, so that the radius may be any number. `[k, k]`, non-negative, with sum 1, k odd.
 *
 * @param radius Radius of the disc in pixels, in (0, 500].
 * @throws RangeError for a radius out of range.
 */
export function discKernel(radius: number): number[][] {
  checkRange(radius > 0 && radius <= largest, 'discKernel', 'radius', 'in (0, 500]', radius);
  const reach = Math.max(1, Math.ceil(radius - 0.5));
  // The disc is its own mirror image: a quadrant is computed.
  const quadrant = Array.from({ length: reach + 1 }, (_, row) =>
    Array.from(
      { length: reach + 1 },
      (__, column) => (coverage(row, column, radius) + coverage(column, row, radius)) / 2,
    ),
  );
  const offsets = Array.from({ length: 2 * reach + 1 }, (_, k) => Math.abs(k - reach));
  const areas = offsets.map((row) => offsets.map((column) => quadrant[row]![column]!));
  const sum = areas.flat().reduce((total, area) => total + area, 0);
  return areas.map((row) => row.map((area) => area / sum));
}
