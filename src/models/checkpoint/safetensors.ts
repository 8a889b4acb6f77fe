import { fileError } from '../../internal/file-error';
import { jsonDepth } from '../../internal/json-depth';
import { quote } from '../../internal/plain-text';
import type { ByteSource } from './byte-source';
import type { CheckpointTensor, TensorFile } from './checkpoint';
import { type Dtype, dtypes, elements } from './numbers';

const LONGEST_HEADER = 10_000_000;
const DEEPEST_HEADER = 64;

const dtypeNames: ReadonlyMap<unknown, string> = new Map([
  ['F64', 'float64'],
  ['F32', 'float32'],
  ['F16', 'float16'],
  ['BF16', 'bfloat16'],
  ['I64', 'int64'],
  ['I32', 'int32'],
  ['I16', 'int16'],
  ['I8', 'int8'],
  ['U64', 'uint64'],
  ['U32', 'uint32'],
  ['U16', 'uint16'],
  ['U8', 'uint8'],
  ['BOOL', 'bool'],
]);

interface Entry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

type Json = { readonly [key: string]: unknown };

/**
 * Reads a safetensors file: the header now, the numbers of a tensor when they are read. The header is
 * checked as the reference implementation does: tensors lie in the file, fill it and never overlap.
 *
 * Reference: https://github.com/huggingface/safetensors (format).
 */
export async function readSafetensors(source: ByteSource): Promise<TensorFile> {
  const { header, start } = await readHeader(source);
  const entries = Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, value]) => parseEntry(source, name, value));
  checkLayout(source, entries, source.size - start);
  const tensors = entries.map((entry) => [entry.name, tensorOf(source, start, entry)] as const);
  return {
    format: 'safetensors',
    metadata: parseMetadata(source, header.__metadata__),
    tensors: new Map(tensors),
  };
}

async function readHeader(source: ByteSource): Promise<{ header: Json; start: number }> {
  const prefix = await source.read(0, 8);
  const length = Number(new DataView(prefix.buffer, prefix.byteOffset).getBigUint64(0, true));
  if (length > LONGEST_HEADER) {
    throw fileError(source, `header length must be <= ${LONGEST_HEADER} bytes, got ${length}`);
  }
  const text = new TextDecoder().decode(await source.read(8, length));
  const header = parseJson(source, text);
  if (isObject(header)) return { header, start: 8 + length };
  throw fileError(source, 'the header must be a JSON object');
}

function parseJson(source: ByteSource, text: string): unknown {
  if (jsonDepth(text) > DEEPEST_HEADER)
    throw fileError(source, `the header must be at most ${DEEPEST_HEADER} levels deep`);
  try {
    return JSON.parse(text);
  } catch {
    throw fileError(source, 'the header is not JSON');
  }
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function parseEntry(source: ByteSource, name: string, value: unknown): Entry {
  const fail = (rule: string) => fileError(source, `tensor ${quote(name)}: ${rule}`);
  if (!isObject(value)) throw fail('its header entry must be a JSON object');
  const dtype = dtypes.get(dtypeNames.get(value.dtype) ?? '');
  if (typeof value.dtype !== 'string') throw fail('dtype must be text');
  if (!dtype) throw fail(`dtype ${quote(value.dtype)} is not read; save it as F32`);
  const shape = counts(value.shape);
  if (!shape) throw fail('shape must be a list of integers >= 0');
  const [begin, end, more] = counts(value.data_offsets) ?? [];
  if (end === undefined || more !== undefined) throw fail('data_offsets must be two integers >= 0');
  const bytes = elements(shape) * dtype.bytes;
  if (end - begin === bytes) return { name, dtype, shape, begin, end };
  throw fail(`data_offsets must span ${bytes} bytes, got ${begin} to ${end}`);
}

const counts = (value: unknown): number[] | undefined =>
  Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0)
    ? value
    : undefined;

// This also catches duplicate keys in the header: JSON keeps the last, which leaves a gap.
function checkLayout(source: ByteSource, entries: readonly Entry[], size: number): void {
  let filled = 0;
  for (const { name, begin, end } of [...entries].sort(
    (a, b) => a.begin - b.begin || a.end - b.end,
  )) {
    if (begin < filled) throw fileError(source, `tensor ${quote(name)} overlaps another tensor`);
    if (begin > filled) throw fileError(source, `bytes ${filled} to ${begin} belong to no tensor`);
    filled = end;
  }
  if (filled > size) {
    throw fileError(source, `is cut short: its tensors need ${filled} bytes, it has ${size}`);
  }
  if (filled < size) throw fileError(source, `bytes ${filled} to ${size} belong to no tensor`);
}

function tensorOf(source: ByteSource, start: number, entry: Entry): CheckpointTensor {
  const { name, shape, dtype, begin, end } = entry;
  const read = async () => dtype.decode(await source.read(start + begin, end - begin));
  return { name, shape, dtype: dtype.name, read };
}

function parseMetadata(source: ByteSource, value: unknown = {}): Readonly<Record<string, string>> {
  if (isObject(value) && Object.values(value).every((item) => typeof item === 'string')) {
    return value as Record<string, string>;
  }
  throw fileError(source, '__metadata__ must be a JSON object of strings');
}

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
