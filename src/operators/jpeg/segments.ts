import { type HuffmanTable, huffmanTable } from './huffman';
import { zigzag } from './scan';
import type { QuantizationTable } from './tables';

/** A component as the frame of a JPEG declares it. */
export interface FrameComponent {
  readonly id: number;
  readonly sampling: readonly [down: number, across: number];
  readonly table: number;
}

/** The frame of a JPEG: what SOF says. */
export interface Frame {
  readonly height: number;
  readonly width: number;
  readonly isProgressive: boolean;
  readonly components: readonly FrameComponent[];
}

/** Tables as far as they have been read: a later segment may replace them. */
export interface Tables {
  readonly quantization: Map<number, QuantizationTable>;
  /** By class and number, 16 for AC; built when a scan asks for them. */
  readonly huffman: Map<number, () => HuffmanTable>;
  interval: number;
  /** The colour transform of Adobe's segment. */
  adobe?: number;
  hasJfif: boolean;
}

const damaged = (): never => {
  throw new RangeError('it is cut or damaged');
};

/** A part of the file that throws where it ends too early. */
export function cursor(bytes: Uint8Array) {
  let at = 0;
  const byte = (): number => (at < bytes.length ? bytes[at++]! : damaged());
  return {
    byte,
    word: () => byte() * 256 + byte(),
    take(count: number): Uint8Array {
      if (at + count > bytes.length) damaged();
      at += count;
      return bytes.subarray(at - count, at);
    },
    left: () => bytes.length - at,
  };
}

/** What the frames are whose coefficients are not read. */
const otherFrames: Readonly<Record<number, string>> = {
  3: 'it is lossless',
  5: 'it is hierarchical',
  6: 'it is hierarchical',
  7: 'it is lossless',
  9: 'its arithmetic coding is not supported',
  10: 'its arithmetic coding is not supported',
  11: 'its arithmetic coding is not supported',
  13: 'its arithmetic coding is not supported',
  14: 'its arithmetic coding is not supported',
  15: 'its arithmetic coding is not supported',
};

/** Reads SOF. `kind` is the low digit of its marker. */
export function readFrame(segment: Uint8Array, kind: number): Frame {
  const other = otherFrames[kind];
  if (other) throw new RangeError(other);
  const { byte, word } = cursor(segment);
  const precision = byte();
  if (precision !== 8) throw new RangeError(`it has ${precision} bits, and 8 are read`);
  const [height, width, count] = [word(), word(), byte()];
  if (height === 0 || width === 0) throw new RangeError('its header lacks its size');
  if (count === 4) throw new RangeError('its colours are inks (CMYK)');
  if (count !== 1 && count !== 3)
    throw new RangeError(`it has ${count} components, and 1 or 3 are read`);
  const components = Array.from({ length: count }, () => {
    const [id, factors, table] = [byte(), byte(), byte()];
    const sampling = [factors & 15, factors >> 4] as const;
    if (sampling.some((factor) => factor < 1 || factor > 4)) damaged();
    return { id, sampling, table };
  });
  return { height, width, isProgressive: kind === 2, components };
}

function readQuantization(segment: Uint8Array, { quantization }: Tables): void {
  const { byte, word, left } = cursor(segment);
  while (left() > 0) {
    const head = byte();
    const table = new Array<number>(64).fill(1);
    for (const place of zigzag) table[place] = head >> 4 ? word() : byte();
    if (table.includes(0)) damaged();
    quantization.set(head & 15, table);
  }
}

function readHuffman(segment: Uint8Array, { huffman }: Tables): void {
  const { byte, take, left } = cursor(segment);
  while (left() > 0) {
    const head = byte();
    const counts = take(16);
    const symbols = take(counts.reduce((sum, count) => sum + count, 0));
    let table: HuffmanTable | undefined;
    huffman.set(head, () => {
      table ??= huffmanTable(counts, symbols);
      return table;
    });
  }
}

const startsWith = (segment: Uint8Array, text: string): boolean =>
  [...text].every((letter, i) => segment[i] === letter.charCodeAt(0));

/** Reads a segment of tables or of an application, where it says something of the coefficients. */
export function readTables(marker: number, segment: Uint8Array, tables: Tables): void {
  if (marker === 0xdb) readQuantization(segment, tables);
  else if (marker === 0xc4) readHuffman(segment, tables);
  else if (marker === 0xdd) tables.interval = cursor(segment).word();
  else if (marker === 0xe0 && startsWith(segment, 'JFIF')) tables.hasJfif = true;
  else if (marker === 0xee && startsWith(segment, 'Adobe') && segment.length >= 12)
    tables.adobe = segment[11]!;
}
