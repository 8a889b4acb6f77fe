import type { BitReader, HuffmanTable } from './huffman';

/** Where the coefficients of a JPEG stand, row by row, in the order of the file. */
export const zigzag: readonly number[] = [
  0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20,
  13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52,
  45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/** A component in a scan. */
export interface ScanComponent {
  /** 64 coefficients a block, row by row. */
  readonly coefficients: Int16Array;
  /** Blocks in a row of `coefficients`. */
  readonly stride: number;
  /** Blocks that hold the image. */
  readonly blocks: readonly [down: number, across: number];
  /** Blocks of it in a unit of an interleaved scan. */
  readonly sampling: readonly [down: number, across: number];
  readonly dc: HuffmanTable | undefined;
  readonly ac: HuffmanTable | undefined;
}

/** What a scan adds: a band of frequencies, and the bits of it. */
export interface ScanBand {
  readonly first: number;
  readonly last: number;
  /** The scan refines coefficients that another one began. */
  readonly refines: boolean;
  /** Bits that are left out below. */
  readonly shift: number;
  readonly isProgressive: boolean;
}

const damaged = (): never => {
  throw new RangeError('it is cut or damaged');
};

const tableOf = (table: HuffmanTable | undefined): HuffmanTable => table ?? damaged();

/** Decodes the blocks of a scan one after the other. */
function blockDecoder(reader: BitReader, { first, last, refines, shift, isProgressive }: ScanBand) {
  let run = 0;
  const unit = 1 << shift;

  const dcFirst = (component: ScanComponent, at: number, before: number): number => {
    const value = before + reader.signed(reader.symbol(tableOf(component.dc)));
    component.coefficients[at] = value * unit;
    return value;
  };

  const acFirst = ({ ac, coefficients }: ScanComponent, at: number): void => {
    if (run > 0) {
      run--;
      return;
    }
    const table = tableOf(ac);
    for (let k = Math.max(1, first); k <= last; k++) {
      const symbol = reader.symbol(table);
      const [zeros, size] = [symbol >> 4, symbol & 15];
      if (size === 0 && zeros < 15) {
        run = isProgressive ? (1 << zeros) - 1 + reader.bits(zeros) : 0;
        return;
      }
      k += zeros;
      if (size === 0) continue;
      if (k > last) damaged();
      coefficients[at + zigzag[k]!] = reader.signed(size) * unit;
    }
  };

  /** One more bit of a coefficient that is not 0. */
  const refine = (coefficients: Int16Array, place: number): void => {
    if (reader.bits(1) === 0) return;
    const value = coefficients[place]!;
    if ((Math.abs(value) & unit) === 0) coefficients[place] = value + Math.sign(value) * unit;
  };

  const acRefine = ({ ac, coefficients }: ScanComponent, at: number): void => {
    const table = tableOf(ac);
    let k = first;
    while (run === 0 && k <= last) {
      const symbol = reader.symbol(table);
      let zeros = symbol >> 4;
      const size = symbol & 15;
      let value = 0;
      if (size === 0 && zeros < 15) {
        run = (1 << zeros) + reader.bits(zeros);
        break;
      }
      if (size > 1) damaged();
      if (size === 1) value = reader.bits(1) ? unit : -unit;
      for (; k <= last; k++) {
        const place = at + zigzag[k]!;
        if (coefficients[place] !== 0) refine(coefficients, place);
        else if (zeros-- === 0) {
          if (value !== 0) coefficients[place] = value;
          k++;
          break;
        }
      }
    }
    if (run === 0) return;
    for (; k <= last; k++) {
      const place = at + zigzag[k]!;
      if (coefficients[place] !== 0) refine(coefficients, place);
    }
    run--;
  };

  return {
    reset() {
      run = 0;
    },
    /** Decodes a block; `before` is the DC value of the one before it, and its own is returned. */
    decode(component: ScanComponent, at: number, before: number): number {
      let dc = before;
      if (first === 0) {
        if (!refines) dc = dcFirst(component, at, before);
        else if (reader.bits(1)) component.coefficients[at]! |= unit;
      }
      if (last > 0) (refines ? acRefine : acFirst)(component, at);
      return dc;
    },
  };
}

/** The blocks of each unit of a scan, in its order: component and place of the block. */
function unitsOf(components: readonly ScanComponent[], units: readonly [number, number]) {
  const [only] = components as [ScanComponent];
  if (components.length === 1)
    return {
      count: only.blocks[0] * only.blocks[1],
      visit(unit: number, visit: (component: number, at: number) => void) {
        const [row, column] = [Math.floor(unit / only.blocks[1]), unit % only.blocks[1]];
        visit(0, 64 * (row * only.stride + column));
      },
    };
  return {
    count: units[0] * units[1],
    visit(unit: number, visit: (component: number, at: number) => void) {
      const [row, column] = [Math.floor(unit / units[1]), unit % units[1]];
      for (const [i, { sampling, stride }] of components.entries())
        for (let y = 0; y < sampling[0]; y++)
          for (let x = 0; x < sampling[1]; x++)
            visit(i, 64 * ((row * sampling[0] + y) * stride + column * sampling[1] + x));
    },
  };
}

/**
 * Decodes a scan into the coefficients of its components.
 *
 * @param units Units of an interleaved scan, down and across.
 * @param interval Units between restart markers; 0 for none.
 *
 * @throws RangeError for data that are cut or damaged.
 */
export function readScan(
  reader: BitReader,
  components: readonly ScanComponent[],
  band: ScanBand,
  units: readonly [number, number],
  interval: number,
): void {
  const decoder = blockDecoder(reader, band);
  const scan = unitsOf(components, units);
  const before = components.map(() => 0);
  for (let unit = 0; unit < scan.count; unit++) {
    if (interval > 0 && unit > 0 && unit % interval === 0) {
      reader.restart();
      decoder.reset();
      before.fill(0);
    }
    scan.visit(unit, (i, at) => {
      before[i] = decoder.decode(components[i]!, at, before[i]!);
    });
  }
}
