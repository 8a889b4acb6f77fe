import { readInput, readPixels } from 'spgd/node';
import { usageError } from './restore-options';

/** The largest side of a kernel in pixels. */
const largest = 255;

/** Largest JSON of a kernel in bytes. */
const largestJson = 2 ** 22;

async function fromJson(path: string): Promise<number[][]> {
  const bytes = await readInput(path, { purpose: 'restore', maxBytes: largestJson });
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw usageError(`the kernel ${path} is not JSON`);
  }
  const isRow = (row: unknown) => Array.isArray(row) && row.every(Number.isFinite);
  if (Array.isArray(value) && value.every(isRow)) return value;
  throw usageError(
    `the kernel ${path} must hold rows of numbers, such as [[0,1,0],[1,4,1],[0,1,0]]`,
  );
}

async function fromPicture(path: string): Promise<number[][]> {
  const { values, shape } = await readPixels(path, { grayscale: true });
  const [height, width, channels] = shape;
  return Array.from({ length: Math.min(height, largest + 1) }, (_, row) =>
    Array.from({ length: width }, (_, column) => values[(row * width + column) * channels]!),
  );
}

/**
 * A blur kernel with the sum 1, as `motionBlur` takes it, from the streak that a point of light left:
 * rows of numbers in a JSON file, or a picture, white on black. The streak is turned by 180 degrees,
 * since `motionBlur` correlates: so a point blurred by the kernel shows the streak.
 */
export async function readKernel(path: string): Promise<number[][]> {
  const rows = await (/\.json$/i.test(path) ? fromJson(path) : fromPicture(path));
  const size = rows.length;
  const square = rows.every((row) => row.length === size);
  if (!square || size % 2 === 0 || size < 3 || size > largest)
    throw usageError(
      `the kernel ${path} must be square, its side odd and from 3 to ${largest}, ` +
        `got ${rows[0]?.length ?? 0} x ${size}`,
    );
  const sum = rows.flat().reduce((total, value) => total + value, 0);
  if (!(sum > 0)) throw usageError(`the kernel ${path} must have a sum > 0, got ${sum}`);
  return rows.map((row) => row.map((value) => value / sum).reverse()).reverse();
}
