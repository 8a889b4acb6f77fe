import * as tf from '@tensorflow/tfjs';

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/** One safetensors file in memory: plain numbers until a test asks for a tensor. */
export interface Fixture {
  /** The parameters that made it. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly names: readonly string[];
  shape(name: string): number[];
  values(name: string): Float32Array;
  /** A new tensor, which the caller disposes. */
  tensor<R extends tf.Rank>(name: string): tf.Tensor<R>;
}

/** Reads the bytes of a safetensors file that holds F32 tensors. */
export function readSafetensors(bytes: Uint8Array): Fixture {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = 8 + Number(view.getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, start)));
  const { __metadata__: metadata = {}, ...entries } = header;
  const entry = (name: string): Entry => {
    const found: Entry | undefined = entries[name];
    if (found?.dtype !== 'F32') throw new Error(`no F32 tensor ${name} in this fixture`);
    return found;
  };
  const values = (name: string) => {
    const [from, to] = entry(name).data_offsets;
    return new Float32Array(bytes.slice(start + from, start + to).buffer);
  };
  return {
    metadata,
    names: Object.keys(entries),
    shape: (name) => entry(name).shape,
    values,
    tensor: <R extends tf.Rank>(name: string) =>
      tf.tensor<tf.Rank>(values(name), entry(name).shape, 'float32') as tf.Tensor<R>,
  };
}
