import { deflateSync } from 'node:zlib';

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = table[(crc ^ byte) & 255]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, crc] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  crc.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, crc]);
}

/** Where the chunks after the header of a PNG begin. */
const afterHeader = 33;

/** A PNG with a colour profile and EXIF, which sharp takes from a file alone. */
export function pngWith(
  png: Buffer,
  { icc, exif }: { icc?: Uint8Array | undefined; exif?: Uint8Array | undefined },
): Buffer {
  const profile = icc && Buffer.concat([Buffer.from('icc\0\0', 'latin1'), deflateSync(icc)]);
  return Buffer.concat([
    png.subarray(0, afterHeader),
    ...(profile ? [chunk('iCCP', profile)] : []),
    ...(exif ? [chunk('eXIf', exif)] : []),
    png.subarray(afterHeader),
  ]);
}
