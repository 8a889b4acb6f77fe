import type { io } from '@tensorflow/tfjs';
import { checkRange } from '../../internal/check';
import type { WeightData } from '../graph/graph-builder';
import type { WeightDtype } from '../model-metadata';
import { toFloat16 } from './float16';
import { toUint8 } from './uint8';

/** A weight as it is stored, and how TensorFlow.js reads it back. */
interface Encoded {
  readonly data: Float32Array | Int32Array | Uint16Array | Uint8Array;
  readonly quantization?: NonNullable<io.WeightsManifestEntry['quantization']>;
}

const largestHalf = 65504;
/** Filters of fewer numbers are cheap to keep as float16, and 256 levels cost them the most. */
const smallest8Bit = 2 ** 16;

const encoders: Readonly<Record<WeightDtype, (owner: string, weight: WeightData) => Encoded>> = {
  float32: (_, { data }) => ({ data }),
  float16: (owner, weight) => {
    checkHolds(owner, weight, 'float16', largestHalf, `numbers of at most ${largestHalf}`);
    return { data: toFloat16(weight.data as Float32Array), quantization: { dtype: 'float16' } };
  },
  uint8: (owner, weight) => {
    checkHolds(owner, weight, 'uint8', Number.MAX_VALUE, 'finite numbers');
    const { data } = weight;
    const small =
      data.length < smallest8Bit && data.every((value) => Math.abs(value) <= largestHalf);
    if (small) return encoders.float16(owner, weight);
    const { levels, scale, min } = toUint8(data as Float32Array);
    return { data: levels, quantization: { dtype: 'uint8', scale, min } };
  },
};

function checkHolds(
  owner: string,
  { name, data }: WeightData,
  dtype: WeightDtype,
  largest: number,
  rule: string,
): void {
  const wrong = data.find((value) => !(Math.abs(value) <= largest));
  if (wrong === undefined) return;
  throw new RangeError(
    `${owner}: ${name} must hold ${rule} for dtype ${dtype}, got ${wrong}; use dtype float32`,
  );
}

export function checkDtype(owner: string, dtype: WeightDtype): void {
  const names = Object.keys(encoders);
  checkRange(names.includes(dtype), owner, 'dtype', `one of ${names.join(', ')}`, dtype);
}

/**
 * Weights and their manifest, one buffer each. Vectors, and the constants of the graph (frequencies
 * of the time), stay exact.
 *
 * @throws RangeError where a weight cannot be stored so, naming it.
 */
export function encodeWeights(
  owner: string,
  constants: readonly WeightData[],
  weights: readonly WeightData[],
  dtype: WeightDtype,
): Pick<io.ModelArtifacts, 'weightSpecs' | 'weightData'> {
  const stored = [...constants, ...weights].map((weight) => {
    const exact = weight.shape.length < 2 || constants.includes(weight);
    return { ...weight, ...encoders[exact ? 'float32' : dtype](owner, weight) };
  });
  return {
    weightSpecs: stored.map(({ name, shape, dtype: type, quantization }) => ({
      name,
      shape: [...shape],
      dtype: type,
      ...(quantization && { quantization }),
    })),
    weightData: stored.map(
      ({ data }) =>
        data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) as ArrayBuffer,
    ),
  };
}
