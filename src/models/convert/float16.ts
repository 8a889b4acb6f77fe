const bits = new Float32Array(1);
const word = new Uint32Array(bits.buffer);

/** The nearest float16 of a number, ties to even, as its 16 bits. */
function halfBits(value: number): number {
  bits[0] = value;
  const x = word[0]!;
  const sign = (x >>> 16) & 0x8000;
  const magnitude = x & 0x7fffffff;
  if (magnitude >= 0x47800000) return sign | (magnitude > 0x7f800000 ? 0x7e00 : 0x7c00);
  if (magnitude < 0x33000001) return sign;
  // Below 2^-14 the exponent is fixed and the mantissa shifts right with its leading one.
  const subnormal = magnitude < 0x38800000;
  const shift = subnormal ? 126 - (magnitude >>> 23) : 13;
  const mantissa = subnormal ? (magnitude & 0x7fffff) | 0x800000 : magnitude - 0x38000000;
  const half = mantissa >>> shift;
  const rest = mantissa & ((1 << shift) - 1);
  const middle = 1 << (shift - 1);
  return sign | (half + (rest > middle || (rest === middle && (half & 1) === 1) ? 1 : 0));
}

/** Numbers as float16, rounded to nearest. Beyond 65504 they would be infinite. */
export function toFloat16(values: Float32Array): Uint16Array {
  // `Uint16Array.from` with a function is many times slower.
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) halves[i] = halfBits(values[i]!);
  return halves;
}
