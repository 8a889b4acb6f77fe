import sharp from 'sharp';

/** What a person should know of how their photo is read. */
export async function photoNotes(path: string): Promise<string[]> {
  const { space, pages = 1 } = await sharp(path, { limitInputPixels: false }).metadata();
  return [
    ...(space === 'cmyk' ? [`${path} is in CMYK; it is converted to sRGB`] : []),
    ...(pages > 1 ? [`${path} has ${pages} frames or pages; the first is restored`] : []),
  ];
}
