/** A type of number in a file: its name in PyTorch, its size, and the way to float32. */
export interface Dtype {
  readonly name: string;
  readonly bytes: number;
  /** Always a copy, which the caller owns. */
  decode(bytes: Uint8Array): Float32Array;
}

// The copy puts the numbers at an aligned address (not by slice, which in a Buffer of Node copies
// nothing). Engines of note are little-endian, as both file formats are.
const aligned = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer;

const dtype = (name: string, bytes: number, decode: Dtype['decode']): [string, Dtype] => [
  name,
  { name, bytes, decode },
];

const bigs = (numbers: BigInt64Array | BigUint64Array) => Float32Array.from(numbers, Number);

/** The types of number that the readers take, by name. */
export const dtypes: ReadonlyMap<string, Dtype> = new Map([
  dtype('float32', 4, (bytes) => new Float32Array(aligned(bytes))),
  dtype('float64', 8, (bytes) => new Float32Array(new Float64Array(aligned(bytes)))),
  dtype('float16', 2, (bytes) => Float32Array.from(new Uint16Array(aligned(bytes)), fromHalf)),
  dtype('bfloat16', 2, (bytes) => fromBrainFloat(new Uint16Array(aligned(bytes)))),
  dtype('int64', 8, (bytes) => bigs(new BigInt64Array(aligned(bytes)))),
  dtype('int32', 4, (bytes) => new Float32Array(new Int32Array(aligned(bytes)))),
  dtype('int16', 2, (bytes) => new Float32Array(new Int16Array(aligned(bytes)))),
  dtype('int8', 1, (bytes) => new Float32Array(new Int8Array(aligned(bytes)))),
  dtype('uint64', 8, (bytes) => bigs(new BigUint64Array(aligned(bytes)))),
  dtype('uint32', 4, (bytes) => new Float32Array(new Uint32Array(aligned(bytes)))),
  dtype('uint16', 2, (bytes) => new Float32Array(new Uint16Array(aligned(bytes)))),
  dtype('uint8', 1, (bytes) => new Float32Array(bytes)),
  dtype('bool', 1, (bytes) => Float32Array.from(bytes, (byte) => (byte === 0 ? 0 : 1))),
]);

function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

function fromBrainFloat(numbers: Uint16Array): Float32Array {
  const bits = Uint32Array.from(numbers, (number) => number << 16);
  return new Float32Array(bits.buffer);
}

/** The number of elements of a shape. */
export const elements = (shape: readonly number[]): number =>
  shape.reduce((product, size) => product * size, 1);

/** How many elements of its storage a strided tensor spans, from its first to its last. */
export const span = (shape: readonly number[], strides: readonly number[]): number =>
  elements(shape) === 0
    ? 0
    : shape.reduce((last, size, axis) => last + (size - 1) * strides[axis], 1);

/** Whether the elements already lie in row-major order without gaps. */
export function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return false;
    expected *= shape[axis];
  }
  return true;
}

/** Copies a strided tensor, whose first element is `values[0]`, into row-major order. */
export function toRowMajor(
  values: Float32Array,
  shape: readonly number[],
  strides: readonly number[],
): Float32Array {
  const out = new Float32Array(elements(shape));
  const index = new Array<number>(shape.length).fill(0);
  let from = 0;
  for (let to = 0; to < out.length; to++) {
    out[to] = values[from];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++index[axis] < shape[axis]) break;
      from -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return out;
}
