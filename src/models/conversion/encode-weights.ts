import type { io } from '@tensorflow/tfjs';
import { toFloat16 } from '../float16';
import type { WeightData } from '../graph/graph-builder';

const largestHalf = 65504;

/**
 * Weights and their manifest, one buffer each. As `float16` all but vectors take half the bytes;
 * the constants of the graph (frequencies of the time) stay exact.
 *
 * @throws RangeError where a weight is too large for float16, naming it.
 */
export function encodeWeights(
  owner: string,
  constants: readonly WeightData[],
  weights: readonly WeightData[],
  dtype: 'float32' | 'float16',
): Pick<io.ModelArtifacts, 'weightSpecs' | 'weightData'> {
  const halved = new Set(
    dtype === 'float16' ? weights.filter(({ shape }) => shape.length > 1) : [],
  );
  const all = [...constants, ...weights];
  return {
    weightSpecs: all.map((weight) => ({
      name: weight.name,
      shape: [...weight.shape],
      dtype: weight.dtype,
      ...(halved.has(weight) ? { quantization: { dtype: 'float16' as const } } : {}),
    })),
    weightData: all.map((weight) => {
      const data = halved.has(weight) ? toHalves(owner, weight) : weight.data;
      return data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) as ArrayBuffer;
    }),
  };
}

function toHalves(owner: string, { name, data }: WeightData): Uint16Array {
  const large = data.find((value) => Math.abs(value) > largestHalf);
  if (large === undefined) return toFloat16(data as Float32Array);
  throw new RangeError(
    `${owner}: ${name} must hold numbers of at most ${largestHalf} for dtype float16, ` +
      `got ${large}; use dtype float32`,
  );
}
