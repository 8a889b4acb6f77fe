import { elements } from './strides';

/** Numbers to write: row-major, as many as the shape says. */
export interface WritableTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/**
 * A safetensors file of float32 tensors, in the order given, with `metadata` as its
 * `__metadata__`. Throws a RangeError where a shape does not fit its numbers.
 */
export function writeSafetensors(
  tensors: Readonly<Record<string, WritableTensor>>,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array {
  const header = new TextEncoder().encode(headerOf(tensors, metadata));
  const padded = Math.ceil(header.length / 8) * 8;
  const arrays = Object.values(tensors).map(({ data }) => data);
  const file = new Uint8Array(8 + padded + arrays.reduce((sum, data) => sum + data.byteLength, 0));
  file.fill(0x20, 8, 8 + padded); // spaces after the JSON align the numbers
  new DataView(file.buffer).setBigUint64(0, BigInt(padded), true);
  file.set(header, 8);
  let at = 8 + padded;
  for (const data of arrays) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return file;
}

function headerOf(
  tensors: Readonly<Record<string, WritableTensor>>,
  metadata?: Readonly<Record<string, string>>,
): string {
  let end = 0;
  const entries = Object.entries(tensors).map(([name, { shape, data }]) => {
    if (elements(shape) !== data.length) {
      throw new RangeError(
        `writeSafetensors: ${name} must hold ${elements(shape)} numbers, got ${data.length}`,
      );
    }
    const begin = end;
    end += data.byteLength;
    return [name, { dtype: 'F32', shape, data_offsets: [begin, end] }] as const;
  });
  return JSON.stringify(
    Object.fromEntries([...(metadata ? [['__metadata__', metadata] as const] : []), ...entries]),
  );
}
