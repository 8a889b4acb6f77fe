import { fileError } from '../../internal/file-error';
import { type ByteInput, type ByteSource, byteSource } from './byte-source';
import type { Checkpoint } from './checkpoint';
import { readSafetensors } from './safetensors';
import { chooseStateDict, stateDictsIn, type WeightsChoice } from './state-dict';
import { torchCheckpoint } from './torch-checkpoint';
import { readTorchLegacy } from './torch-legacy';
import { readTorchPickle } from './torch-pickle';
import { readTorchZip } from './torch-zip';

/** Options of `readCheckpoint`. */
export interface ReadCheckpointOptions {
  /**
   * What errors call the file.
   * @default the name of the File or source, else `checkpoint`
   */
  name?: string | undefined;
  /**
   * Which weights to read: `'ema'` for running averages, `'raw'` for those of the last step, or the
   * key under which they lie.
   * @default averages where the file holds any, else the raw ones
   */
  weights?: WeightsChoice | undefined;
}

type Reader = (source: ByteSource, weights?: WeightsChoice) => Promise<Checkpoint>;

const readers: Readonly<Record<Checkpoint['format'], Reader>> = {
  safetensors: async (source, weights) => {
    const file = await readSafetensors(source);
    const dicts = stateDictsIn('', file.tensors);
    if (dicts.length === 0) throw fileError(source, 'holds no tensors');
    const { key, averaged, tensors } = chooseStateDict(source, dicts, weights);
    return { ...file, weights: { key, averaged, others: dicts.length > 1 }, tensors };
  },
  'pytorch-zip': async (source, weights) =>
    torchCheckpoint(source, await readTorchZip(source), weights),
  'pytorch-legacy': async (source, weights) =>
    torchCheckpoint(source, await readTorchLegacy(source), weights),
  pickle: async (source, weights) =>
    torchCheckpoint(source, await readTorchPickle(source), weights),
};

/**
 * Reads a `.safetensors`, `.pt`, `.pth`, `.ckpt` or `.pkl` file: names, shapes and types now, numbers when
 * a tensor is read. Weights may lie under a key such as `state_dict`, and prefixes that wrappers
 * put before all names (`module.`, `model.`, `net.`, …) are taken off.
 *
 * Nothing in the file is run, and sizes are checked before memory is taken. An Error that begins
 * with the name of the file says what is wrong with it.
 */
export async function readCheckpoint(
  input: ByteInput,
  { name, weights }: ReadCheckpointOptions = {},
): Promise<Checkpoint> {
  const source = byteSource(input, name);
  return readers[await formatOf(source)](source, weights);
}

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
  [
    'pickle',
    (bytes) =>
      bytes[0] === 0x80 && bytes[1] >= 2 && bytes[1] <= 5 && bytes.length > legacyMagic.length,
  ],
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
  ['is neither a PyTorch nor a safetensors file', () => true],
];

/** The format of a file by its first bytes. Throws an Error that says what it is instead. */
async function formatOf(source: ByteSource): Promise<Checkpoint['format']> {
  const bytes = await source.read(0, Math.min(source.size, PROBE));
  const format = formats.find(([, test]) => test(bytes));
  if (format) return format[0];
  const stranger = strangers.find(([, test]) => test(bytes))!;
  throw fileError(source, stranger[0]);
}
