/** Codes of up to 16 bits: `length << 8 | symbol` by the next 16 bits, 0 where there is no such code. */
export type HuffmanTable = Uint16Array;

/** The table of a DHT segment: how many codes each length from 1 to 16 has, and their symbols in order. */
export function huffmanTable(counts: Uint8Array, symbols: Uint8Array): HuffmanTable {
  const table = new Uint16Array(65536);
  let [code, next] = [0, 0];
  for (let length = 1; length <= 16; length++) {
    for (let i = 0; i < counts[length - 1]!; i++) {
      const first = code << (16 - length);
      table.fill((length << 8) | symbols[next++]!, first, first + (1 << (16 - length)));
      code++;
    }
    if (code > 1 << length) throw new RangeError('its Huffman tables are damaged');
    code <<= 1;
  }
  return table;
}

/** Reads bits of an entropy-coded segment, up to the next marker. */
export interface BitReader {
  /** The next symbol of a table. */
  symbol(table: HuffmanTable): number;
  /** The next bits as a number, at most 16. */
  bits(count: number): number;
  /** The next bits as a signed number, as JPEG codes differences. */
  signed(count: number): number;
  /** Goes past the restart marker that must come next. */
  restart(): void;
  /** Where the marker after the segment stands, or the end of the file. */
  end(): number;
}

/** A reader from `start` on. It throws where the segment ends before what is asked for. */
export function bitReader(bytes: Uint8Array, start: number): BitReader {
  let [at, held, count, missing] = [start, 0, 0, 0];
  const fill = (): void => {
    while (count <= 16) {
      let byte = 0;
      const isMarker = bytes[at] === 0xff && bytes[at + 1] !== 0;
      if (at >= bytes.length || isMarker) missing += 8;
      else {
        byte = bytes[at]!;
        at += byte === 0xff ? 2 : 1;
      }
      held = ((held << 8) | byte) & 0xffffff;
      count += 8;
    }
  };
  const take = (length: number): void => {
    count -= length;
    if (count < missing) throw new RangeError('it is cut or damaged');
  };
  const bits = (length: number): number => {
    if (length === 0) return 0;
    fill();
    take(length);
    return (held >>> count) & ((1 << length) - 1);
  };
  return {
    bits,
    symbol(table) {
      fill();
      const entry = table[(held >>> (count - 16)) & 0xffff]!;
      if (entry === 0) throw new RangeError('it is cut or damaged');
      take(entry >> 8);
      return entry & 255;
    },
    signed(length) {
      if (length > 15) throw new RangeError('it is cut or damaged');
      const value = bits(length);
      return length > 0 && value < 1 << (length - 1) ? value - (1 << length) + 1 : value;
    },
    restart() {
      while (bytes[at] === 0xff && bytes[at + 1] === 0xff) at++;
      const isRestart = bytes[at] === 0xff && (bytes[at + 1]! & 0xf8) === 0xd0;
      if (!isRestart) throw new RangeError('it is cut or damaged');
      [at, held, count, missing] = [at + 2, 0, 0, 0];
    },
    end: () => at,
  };
}
