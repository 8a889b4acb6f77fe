import type { ByteSource } from './byte-source';
import type { Checkpoint } from './checkpoint';
import { fileError } from './file-error';

const PROBE = 512;

const zipMagic = [0x50, 0x4b, 0x03, 0x04];
const legacyMagic = [
  0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19,
];
const brace = '{'.charCodeAt(0);

const startsWith = (bytes: Uint8Array, start: readonly number[], at = 0): boolean =>
  start.every((byte, i) => bytes[at + i] === byte);

const textAt = (bytes: Uint8Array, at: number, length: number): string =>
  new TextDecoder('latin1').decode(bytes.subarray(at, at + length));

const isText = (bytes: Uint8Array): boolean =>
  bytes.every((byte) => byte === 9 || byte === 10 || byte === 13 || (byte >= 32 && byte !== 127));

type Test = (bytes: Uint8Array) => boolean;

const formats: readonly (readonly [Checkpoint['format'], Test])[] = [
  ['pytorch-zip', (bytes) => startsWith(bytes, zipMagic)],
  ['pytorch-legacy', (bytes) => startsWith(bytes, legacyMagic)],
  ['safetensors', (bytes) => bytes[8] === brace && !isText(bytes.subarray(0, 8))],
];

const strangers: readonly (readonly [string, Test])[] = [
  ['is empty', (bytes) => bytes.length === 0],
  [
    'is a pointer of Git LFS, not the file itself; fetch it with git lfs pull',
    (bytes) => textAt(bytes, 0, 23) === 'version https://git-lfs',
  ],
  [
    'is an HTML page, not a checkpoint; the download went to a web page',
    (bytes) => /^\s*<(!doctype|html|head|\?xml)/i.test(textAt(bytes, 0, 64)),
  ],
  ['is a text file, not a checkpoint', isText],
  [
    'is a tar archive of torch.save before PyTorch 0.1.10; load it in PyTorch and save it again',
    (bytes) => textAt(bytes, 257, 5) === 'ustar',
  ],
  ['is compressed with gzip; unpack it first', (bytes) => startsWith(bytes, [0x1f, 0x8b])],
  [
    'is a pickle that torch.save did not write; save the state dict with torch.save',
    (bytes) => bytes[0] === 0x80 && bytes[1] <= 5 && bytes.length > legacyMagic.length,
  ],
  ['is neither a PyTorch nor a safetensors file', () => true],
];

/** Tells by its first bytes how a file is laid out, or throws what it is instead. */
export async function formatOf(source: ByteSource): Promise<Checkpoint['format']> {
  const bytes = await source.read(0, Math.min(source.size, PROBE));
  const format = formats.find(([, test]) => test(bytes));
  if (format) return format[0];
  const stranger = strangers.find(([, test]) => test(bytes))!;
  throw fileError(source, stranger[0]);
}
