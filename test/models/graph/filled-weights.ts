import { partsOf, sourceShape } from '../../../src/models/checkpoint/weights';
import type { WeightSpec } from '../../../src/models/graph/weight-spec';

/** FNV-1a, 32 bits, of ASCII text. */
export function fnv1a(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  }
  return value >>> 0;
}

/** A number in [-1, 1) for an index. */
function number(seed: number, index: number): number {
  let word = (Math.imul(index, 0x9e3779b9) + seed) >>> 0;
  word = Math.imul(word ^ (word >>> 16), 0x21f0aaad) >>> 0;
  word = Math.imul(word ^ (word >>> 15), 0x735a2d97) >>> 0;
  return ((word ^ (word >>> 15)) >>> 0) / 2 ** 31 - 1;
}

/** Numbers in [-1, 1) from a hash of key and index: `uniform` of test/fixtures/fill.py. */
export function uniform(key: string, size: number): Float32Array {
  const seed = fnv1a(key);
  return Float32Array.from({ length: size }, (_, i) => number(seed, i));
}

const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

/** The value of each number of a parameter: `fill` of test/fixtures/fill.py. */
function scaling(name: string, shape: readonly number[]): (value: number) => number {
  const fanIn = product(shape.slice(1));
  if (shape.length > 1) return (value) => value * Math.sqrt(3 / fanIn);
  return name.endsWith('.weight') ? (value) => 1 + 0.25 * value : (value) => 0.1 * value;
}

/** The state dict that make.py fills, without having stored it. */
export function filledStateDict(weights: readonly WeightSpec[]) {
  return Object.fromEntries(
    weights.flatMap((spec) => {
      const parts = partsOf(spec);
      const [rows, ...rest] = sourceShape(spec);
      const shape = [rows! / parts.length, ...rest];
      return parts.map((name) => {
        const seed = fnv1a(name);
        const scaled = scaling(name, shape);
        const data = Float32Array.from({ length: product(shape) }, (_, i) =>
          scaled(number(seed, i)),
        );
        return [name, { shape, data }] as const;
      });
    }),
  );
}
