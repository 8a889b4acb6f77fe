import sharp from 'sharp';

/** A file of a plain colour with a dark square. */
export const squarePhoto = (width = 64, height = 48) =>
  sharp({ create: { width, height, channels: 3, background: '#c08040' } })
    .composite([
      { input: { create: { width: 12, height: 12, channels: 3, background: '#204060' } } },
    ])
    .png()
    .toBuffer();

/** A photo of the package at another size, with noise of this std on [-1, 1], and half of it faint. */
export async function noisyPhoto(
  path: string,
  [width, height]: readonly [number, number],
  std: number,
): Promise<Buffer> {
  const { data } = await sharp(path)
    .resize(width, height)
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const values = Buffer.alloc(4 * width * height);
  let state = 3;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 1) / 4294967297;
  };
  for (let at = 0; at < width * height; at++) {
    for (let c = 0; c < 3; c++) {
      const normal = Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
      values[4 * at + c] = Math.min(255, Math.max(0, data[3 * at + c]! + 127.5 * std * normal));
    }
    values[4 * at + 3] = at % width < width / 2 ? 255 : 200;
  }
  return sharp(values, { raw: { width, height, channels: 4 } })
    .png()
    .toBuffer();
}

/** The pixels of a file. */
export const pixelsOf = (file: Buffer) =>
  sharp(file).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
