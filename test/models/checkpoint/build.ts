import { readFileSync } from 'node:fs';
import { deflateRawSync } from 'node:zlib';
import type { ByteInput } from '../../../src/models/checkpoint/byte-source';
import { readCheckpoint } from '../../../src/models/checkpoint/read-checkpoint';

const folder = new URL('../../fixtures/checkpoint/', import.meta.url);

/** The bytes of a file that make.py made. */
export const fixture = (file: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(file, folder)));

export const concat = (...parts: readonly ArrayLike<number>[]): Uint8Array => {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};

const utf8 = (text: string) => new TextEncoder().encode(text);

/** Text whose characters are the bytes: how the pickles of these tests are written. */
export const latin1 = (text: string): Uint8Array =>
  Uint8Array.from(text, (character) => character.charCodeAt(0));

const u16 = (value: number) => [value & 255, (value >> 8) & 255];
const u32 = (value: number) => [...u16(value & 0xffff), ...u16(value >>> 16)];
export const u64 = (value: bigint): Uint8Array =>
  new Uint8Array(new BigUint64Array([value]).buffer);

/** A safetensors file with any header. */
export const safetensors = (header: unknown, data: ArrayLike<number> = []): Uint8Array => {
  const text = utf8(typeof header === 'string' ? header : JSON.stringify(header));
  return concat(u64(BigInt(text.length)), text, data);
};

export interface ZipOptions {
  readonly deflate?: boolean;
  readonly flags?: number;
  /** The size to declare in place of the true one. */
  readonly declared?: number;
}

/** A zip archive, with what a hostile one may declare. */
export function zip(
  entries: readonly (readonly [string, Uint8Array])[],
  { deflate = false, flags = 0, declared }: ZipOptions = {},
): Uint8Array {
  const locals: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const [name, data] of entries) {
    const stored = deflate ? deflateRawSync(data) : data;
    const sizes = [...u32(stored.length), ...u32(declared ?? data.length)];
    const method = [...u16(20), ...u16(flags), ...u16(deflate ? 8 : 0), ...u32(0), ...u32(0)];
    const lengths = [...u16(utf8(name).length), ...u16(0)];
    const local = concat(u32(0x04034b50), method, sizes, lengths, utf8(name), stored);
    const rest = [...u16(0), ...u16(0), ...u16(0), ...u32(0), ...u32(at)];
    directory.push(concat(u32(0x02014b50), u16(20), method, sizes, lengths, rest, utf8(name)));
    locals.push(local);
    at += local.length;
  }
  const listed = concat(...directory);
  const count = [...u16(entries.length), ...u16(entries.length)];
  const end = [
    ...u32(0x06054b50),
    ...u32(0),
    ...count,
    ...u32(listed.length),
    ...u32(at),
    ...u16(0),
  ];
  return concat(...locals, listed, end);
}

/** The archive of torch.save round a pickle, with a storage `0` of these bytes. */
export const torchZip = (pickle: string, storage?: Uint8Array, options?: ZipOptions): Uint8Array =>
  zip(
    [['a/data.pkl', latin1(pickle)], ...(storage ? [['a/data/0', storage] as const] : [])],
    options,
  );

/** An int of a pickle: BININT. */
export const int = (value: number): string => `J${String.fromCharCode(...u32(value >>> 0))}`;

/** A text of a pickle: BINUNICODE. */
export const text = (value: string): string =>
  `X${String.fromCharCode(...u32(value.length))}${value}`;

export interface TensorPickle {
  readonly type?: string;
  readonly key?: string;
  readonly numel?: string;
  readonly offset?: string;
  readonly shape?: string;
  readonly strides?: string;
}

/** The pickle of a tensor; the parts are pickles too. */
export const tensor = ({
  type = 'FloatStorage',
  key = text('0'),
  numel = int(2),
  offset = int(0),
  shape = `${int(2)}\x85`,
  strides = `${int(1)}\x85`,
}: TensorPickle = {}): string =>
  `ctorch._utils\n_rebuild_tensor_v2\n((${text('storage')}ctorch\n${type}\n${key}${text('cpu')}${numel}tQ${offset}${shape}${strides}\x89)tR`;

/** The pickle of a dict with one key `w`. */
export const dict = (value: string): string => `\x80\x02}${text('w')}${value}s.`;

/** The message with which a file is refused; fails where it is read. */
export async function refusal(input: ByteInput, name = 'model.pt'): Promise<string> {
  try {
    const { tensors } = await readCheckpoint(input, { name });
    for (const each of tensors.values()) await each.read();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('the file was read');
}

/** The storage of two numbers that the pickles of these tests speak of. */
export const storage = new Uint8Array(new Float32Array([1, 2]).buffer);

/** A file of the format before PyTorch 1.6 round a pickle, with that storage. */
export const legacy = (pickle: string, keys = `]${text('0')}a.`, count = 2n): Uint8Array =>
  concat(
    fixture('small-legacy.pt').subarray(0, 137),
    latin1(pickle),
    latin1(keys),
    u64(count),
    storage,
  );
