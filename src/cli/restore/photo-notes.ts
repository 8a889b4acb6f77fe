import { lostIn, type Pixels } from 'spgd/node';

/** Formats that smooth fine noise away and leave errors of their own. */
const lossy: readonly (string | undefined)[] = ['jpeg', 'webp', 'heif', 'avif', 'gif'];

/** Whether the file of a photo has lost detail. */
export const isLossy = ({ file }: Pixels): boolean => lossy.includes(file?.format);

/** What a person should know of how their photo is read and written. */
export function photoNotes(path: string, photo: Pixels, out: string): string[] {
  const { pages = 1, isCmyk = false } = photo.file ?? {};
  return [
    ...(isCmyk ? [`${path} is in CMYK; it is converted to sRGB`] : []),
    ...(pages > 1 ? [`${path} has ${pages} frames or pages; the first is restored`] : []),
    ...lostIn(out, photo).map((what) => `${out} ${what}; name a .png with --out to keep it`),
  ];
}
