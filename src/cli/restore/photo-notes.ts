import sharp from 'sharp';

/** Formats that smooth fine noise away and leave errors of their own. */
const lossy = new Set(['jpeg', 'webp', 'heif', 'gif']);

/** What a person should know of how their photo is read, and whether its file has lost detail. */
export async function photoNotes(path: string): Promise<{ notes: string[]; isLossy: boolean }> {
  const { format, space, pages = 1 } = await sharp(path, { limitInputPixels: false }).metadata();
  const notes = [
    ...(space === 'cmyk' ? [`${path} is in CMYK; it is converted to sRGB`] : []),
    ...(pages > 1 ? [`${path} has ${pages} frames or pages; the first is restored`] : []),
  ];
  return { notes, isLossy: lossy.has(format) };
}
