const tags = { orientation: 0x0112, gps: 0x8825 } as const;

/** Bytes of a value by the type of an EXIF entry. */
const typeBytes = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8];

/** Largest EXIF that a JPEG holds. */
const largest = 65_000;

/** A directory: the place of its first entry, and how many it has. */
interface Directory {
  readonly first: number;
  readonly count: number;
}

/** Reads numbers of EXIF in the order of its bytes. */
function reader(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = bytes[0] === 0x49;
  const short = (at: number) => view.getUint16(at, little);
  const long = (at: number) => view.getUint32(at, little);
  const directory = (at: number): Directory => ({ first: at + 2, count: short(at) });
  const find = ({ first, count }: Directory, tag: number): number | undefined => {
    for (let at = first; at < first + 12 * count; at += 12) if (short(at) === tag) return at;
    return undefined;
  };
  return { view, little, short, long, directory, find };
}

/** Overwrites all entries of a directory, and what they point at, with zeros. */
function erase(bytes: Uint8Array, at: number): void {
  const { short, long, directory } = reader(bytes);
  const { first, count } = directory(at);
  for (let entry = first; entry < first + 12 * count; entry += 12) {
    const length = (typeBytes[short(entry + 2)] ?? 0) * long(entry + 4);
    if (length > 4) bytes.fill(0, long(entry + 8), long(entry + 8) + length);
  }
  bytes.fill(0, at, first + 12 * count + 4);
}

/**
 * EXIF as it belongs to a picture that was turned upright and changed: orientation 1, no thumbnail of
 * the picture before, and no place unless `keepGps`. Undefined where it cannot be read.
 */
export function exifFor(
  exif: Uint8Array,
  { keepGps }: { keepGps: boolean },
): Uint8Array | undefined {
  const prefixed = new TextDecoder('latin1').decode(exif.subarray(0, 6)) === 'Exif\0\0';
  // A Buffer's own slice would share its memory.
  const bytes = new Uint8Array(exif).slice(prefixed ? 6 : 0);
  if (bytes.length > largest) return undefined;
  try {
    const { view, little, short, long, directory, find } = reader(bytes);
    if (!/^(II|MM)$/.test(String.fromCharCode(bytes[0]!, bytes[1]!)) || short(2) !== 42)
      return undefined;
    const main = directory(long(4));
    const orientation = find(main, tags.orientation);
    if (orientation !== undefined) view.setUint16(orientation + 8, 1, little);
    const end = main.first + 12 * main.count;
    const gps = find(main, tags.gps);
    if (gps !== undefined && !keepGps) {
      erase(bytes, long(gps + 8));
      bytes.copyWithin(gps, gps + 12, end);
      bytes.fill(0, end - 12, end + 4);
      view.setUint16(main.first - 2, main.count - 1, little);
    } else view.setUint32(end, 0, little);
    return bytes;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
