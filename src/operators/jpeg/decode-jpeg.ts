import type { Subsampling } from './cell';
import { bitReader } from './huffman';
import type { JpegFile, JpegInfo, JpegPlane, ReadJpegOptions } from './jpeg-file';
import { readScan, type ScanComponent } from './scan';
import { cursor, type Frame, readFrame, readTables, type Tables } from './segments';
import type { QuantizationTable } from './tables';

/** What this file reads: the estimate of the quality is made from it. */
type WithoutLosses<T extends JpegInfo> = Omit<T, 'quality' | 'errorLevel'>;

/** More scans than any program writes. */
const maxScans = 200;

const fail = (why: string): never => {
  throw new RangeError(why);
};

const subsamplings: Readonly<Record<string, Subsampling>> = {
  '1,1': '4:4:4',
  '1,2': '4:2:2',
  '2,2': '4:2:0',
  '2,1': '4:4:0',
};

function subsamplingOf({ components }: Frame): Subsampling {
  if (components.length === 1) return '4:4:4';
  const [luma, ...colours] = components.map(({ sampling }) => sampling) as [
    readonly [number, number],
    ...(readonly [number, number])[],
  ];
  const [first, second] = colours.map(([down, across]) => `${luma[0] / down},${luma[1] / across}`);
  const found = first === second ? subsamplings[first!] : undefined;
  const all = components.map(({ sampling: [down, across] }) => `${across}x${down}`).join(', ');
  return found ?? fail(`its colours are sampled as ${all}, which is not supported`);
}

function checkColours({ components }: Frame, { adobe, hasJfif }: Tables): void {
  if (components.length === 1 || adobe === 1) return;
  const named = components.map(({ id }) => String.fromCharCode(id)).join('');
  if (adobe === 0 || (!hasJfif && named === 'RGB'))
    fail('it stores RGB, not luminance and colours');
}

const ones: QuantizationTable = new Array<number>(64).fill(1);

function infoOf(frame: Frame, tables: Tables): WithoutLosses<JpegInfo> {
  checkColours(frame, tables);
  const own = frame.components.map(
    ({ table }) => tables.quantization.get(table) ?? fail('it lacks a quantization table'),
  );
  const [luma, cb = ones, cr = ones] = own as [QuantizationTable, ...QuantizationTable[]];
  return {
    height: frame.height,
    width: frame.width,
    tables: [luma, cb, cr],
    subsampling: subsamplingOf(frame),
    isGrey: own.length === 1,
  };
}

/** The planes of a frame, all coefficients 0. */
function blankPlanes({ components, height, width }: Frame): {
  units: readonly [number, number];
  planes: JpegPlane[];
} {
  const most = (axis: 0 | 1) => Math.max(...components.map(({ sampling }) => sampling[axis]));
  const largest = [most(0), most(1)] as const;
  const units = [
    Math.ceil(height / (8 * largest[0])),
    Math.ceil(width / (8 * largest[1])),
  ] as const;
  const planes = components.map(({ sampling: [down, across] }) => {
    const stride = units[1] * across;
    return {
      coefficients: new Int16Array(64 * units[0] * down * stride),
      stride,
      blocks: [
        Math.ceil(Math.ceil((height * down) / largest[0]) / 8),
        Math.ceil(Math.ceil((width * across) / largest[1]) / 8),
      ] as const,
    };
  });
  return { units, planes };
}

/** Calls `visit` with each marker and its segment; it gives where to go on, or true to stop. */
function eachSegment(
  bytes: Uint8Array,
  visit: (marker: number, segment: Uint8Array, after: number) => number | boolean,
): void {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) fail('it is no JPEG');
  let at = 2;
  for (;;) {
    while (at < bytes.length && bytes[at] !== 0xff) at++;
    while (bytes[at] === 0xff) at++;
    const marker = bytes[at++];
    if (marker === undefined) fail('it is cut or damaged');
    if (marker === 0xd9) return;
    if (marker === 0 || marker === 1 || (marker! & 0xf8) === 0xd0) continue;
    const length = (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0);
    if (length < 2 || at + length > bytes.length) fail('it is cut or damaged');
    const after = at + length;
    const next = visit(marker!, bytes.subarray(at + 2, after), after);
    if (next === true) return;
    at = typeof next === 'number' ? next : after;
  }
}

const isFrame = (marker: number): boolean =>
  (marker & 0xf0) === 0xc0 && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

const noTables = (): Tables => ({
  quantization: new Map(),
  huffman: new Map(),
  interval: 0,
  hasJfif: false,
});

/** Reads the header, up to the first scan, at which it calls `scan`. */
function readFile(
  bytes: Uint8Array,
  scan: (frame: Frame, tables: Tables, segment: Uint8Array, after: number) => number | boolean,
): { frame: Frame; tables: Tables } {
  const tables = noTables();
  let frame: Frame | undefined;
  eachSegment(bytes, (marker, segment, after) => {
    if (isFrame(marker)) {
      if (frame) fail('it has two frames');
      frame = readFrame(segment, marker & 15);
    } else if (marker === 0xda) {
      return scan(frame ?? fail('it is cut or damaged'), tables, segment, after);
    } else readTables(marker, segment, tables);
    return false;
  });
  return { frame: frame ?? fail('it is cut or damaged'), tables };
}

/** The header alone, as `jpegInfo` gives it. */
export function decodeInfo(bytes: Uint8Array): WithoutLosses<JpegInfo> {
  const { frame, tables } = readFile(bytes, () => true);
  return infoOf(frame, tables);
}

/** The coefficients, as `readJpeg` gives them. */
export function decodeJpeg(
  bytes: Uint8Array,
  { maxPixels = 40e6 }: ReadJpegOptions = {},
): WithoutLosses<JpegFile> {
  let info: WithoutLosses<JpegInfo> | undefined;
  let whole: ReturnType<typeof blankPlanes> | undefined;
  let scans = 0;
  const seen = new Set<number>();
  readFile(bytes, (frame, tables, segment, after) => {
    if (!info || !whole) {
      info = infoOf(frame, tables);
      const pixels = frame.height * frame.width;
      if (pixels > maxPixels)
        fail(`it must have at most maxPixels = ${maxPixels} pixels, got ${pixels}`);
      // A block takes a bit at the least.
      const blocks = (pixels / 64) * (frame.components.length > 1 ? 1.5 : 1);
      if (blocks / 2 > 8 * bytes.length) fail('it is cut or damaged');
      whole = blankPlanes(frame);
    }
    if (++scans > maxScans) fail(`it has more than ${maxScans} scans`);
    const { byte } = cursor(segment);
    const { planes, units } = whole;
    const components = Array.from({ length: byte() }, (): ScanComponent => {
      const [id, selectors] = [byte(), byte()];
      const index = frame.components.findIndex((component) => component.id === id);
      const plane = planes[index] ?? fail('it is cut or damaged');
      seen.add(index);
      return {
        ...plane,
        sampling: frame.components[index]!.sampling,
        dc: tables.huffman.get(selectors >> 4)?.(),
        ac: tables.huffman.get(16 + (selectors & 15))?.(),
      };
    });
    const [first, last, bits] = [byte(), byte(), byte()];
    const { isProgressive } = frame;
    const band = isProgressive
      ? { first, last, refines: bits >> 4 > 0, shift: bits & 15, isProgressive }
      : { first: 0, last: 63, refines: false, shift: 0, isProgressive };
    const valid = band.first <= band.last && band.last < 64 && band.shift < 14;
    const alone = components.length === 1 || (components.length > 0 && band.first === 0);
    if (!valid || !alone || (isProgressive && first === 0 && last > 0))
      fail('it is cut or damaged');
    const reader = bitReader(bytes, after);
    readScan(reader, components, band, units, tables.interval);
    return reader.end();
  });
  if (!info || !whole || seen.size < whole.planes.length) fail('it is cut or damaged');
  return { ...info!, planes: whole!.planes };
}
