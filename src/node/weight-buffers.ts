import type { io } from '@tensorflow/tfjs';

/**
 * The buffers as TensorFlow.js can read them, byte for byte the same.
 *
 * Where all buffers but the last are of one size, TensorFlow.js 4.22 takes that size for the last as
 * well, and reads zeros from a last one that is longer. An empty buffer behind it prevents that.
 */
export function weightBuffers(weightData: io.WeightData | undefined): ArrayBuffer[] {
  const buffers = Array.isArray(weightData) ? weightData : weightData ? [weightData] : [];
  const longerLast = buffers.length > 1 && buffers.at(-1)!.byteLength > buffers[0]!.byteLength;
  return longerLast ? [...buffers, new ArrayBuffer(0)] : buffers;
}
