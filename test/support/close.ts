import type { Tensor } from '@tensorflow/tfjs';

/** Numbers to compare: a tensor, or plain ones. */
export type Numbers = Tensor | ArrayLike<number>;

const read = (numbers: Numbers): ArrayLike<number> =>
  'dataSync' in numbers ? numbers.dataSync() : numbers;

/** Runs over both lists; different lengths, and NaN on either side, are an error of Infinity. */
function largest(a: Numbers, b: Numbers, term: (x: number, y: number) => number): number {
  const left = read(a);
  const right = read(b);
  if (left.length !== right.length) return Infinity;
  let most = 0;
  for (let i = 0; i < left.length; i++) {
    const one = term(left[i]!, right[i]!);
    if (Number.isNaN(one)) return Infinity;
    if (one > most) most = one;
  }
  return most;
}

/** `max |a - b|`. */
export const maxError = (a: Numbers, b: Numbers): number =>
  largest(a, b, (x, y) => Math.abs(x - y));

/** `max |a - b| / max |b|`: the error relative to the largest reference number. */
export const relativeError = (a: Numbers, b: Numbers): number =>
  maxError(a, b) / Math.max(largest(b, b, Math.abs), Number.MIN_VALUE);

/** `|a - b| / |b|` in the Euclidean norm. */
export function normError(a: Numbers, b: Numbers): number {
  const left = read(a);
  const right = read(b);
  if (left.length !== right.length) return Infinity;
  let difference = 0;
  let reference = 0;
  for (let i = 0; i < left.length; i++) {
    difference += (left[i]! - right[i]!) ** 2;
    reference += right[i]! ** 2;
  }
  const error = Math.sqrt(difference / Math.max(reference, Number.MIN_VALUE));
  return Number.isNaN(error) ? Infinity : error;
}

/** `max |a - b| / |b|`, number by number. */
export const elementwiseError = (a: Numbers, b: Numbers): number =>
  largest(a, b, (x, y) => Math.abs(x - y) / Math.max(Math.abs(y), Number.MIN_VALUE));
