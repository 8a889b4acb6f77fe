import type { io } from '@tensorflow/tfjs';
import { toFloat16 } from './float16';
import type { WeightData } from './graph/graph-builder';

const largestHalf = 65504;

/**
 * Weights and their manifest, one buffer each. As `float16` all but vectors take half the bytes.
 *
 * @throws RangeError where a weight is too large for float16, naming it.
 */
export function encodeWeights(
  weights: readonly WeightData[],
  dtype: 'float32' | 'float16',
): Pick<io.ModelArtifacts, 'weightSpecs' | 'weightData'> {
  const halves = ({ dtype: type, shape }: WeightData) =>
    dtype === 'float16' && type === 'float32' && shape.length > 1;
  return {
    weightSpecs: weights.map((weight) => ({
      name: weight.name,
      shape: [...weight.shape],
      dtype: weight.dtype,
      ...(halves(weight) ? { quantization: { dtype: 'float16' as const } } : {}),
    })),
    weightData: weights.map((weight) => {
      const data = halves(weight) ? toHalves(weight) : weight.data;
      return data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) as ArrayBuffer;
    }),
  };
}

function toHalves({ name, data }: WeightData): Uint16Array {
  const large = data.find((value) => Math.abs(value) > largestHalf);
  if (large === undefined) return toFloat16(data as Float32Array);
  throw new RangeError(
    `convertCheckpoint: ${name} must hold numbers of at most ${largestHalf} for dtype float16, ` +
      `got ${large}; use dtype float32`,
  );
}
