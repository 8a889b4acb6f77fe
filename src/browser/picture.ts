import type { Tile } from 'spgd';

/** A picture as a canvas has it, such as `context.getImageData(…)`. */
export interface Picture {
  /** Columns. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Red, green, blue and alpha of each pixel, a byte each, row by row. */
  readonly values: Uint8ClampedArray<ArrayBuffer>;
}

/** A rectangle of a picture, as a new picture. */
export function cropPicture({ values, width }: Picture, box: Tile): Picture {
  const part = new Uint8ClampedArray(4 * box.height * box.width);
  for (let row = 0; row < box.height; row++) {
    const from = 4 * ((box.top + row) * width + box.left);
    part.set(values.subarray(from, from + 4 * box.width), 4 * row * box.width);
  }
  return { width: box.width, height: box.height, values: part };
}

/** Writes a picture into another at a place; what lies outside is left out. */
export function copyInto(
  target: Picture,
  { values, width, height }: Picture,
  { top, left }: Pick<Tile, 'top' | 'left'>,
): void {
  const from = Math.max(0, -left);
  const to = Math.min(width, target.width - left);
  if (to <= from) return;
  for (let row = Math.max(0, -top); row < Math.min(height, target.height - top); row++) {
    const line = values.subarray(4 * (row * width + from), 4 * (row * width + to));
    target.values.set(line, 4 * ((top + row) * target.width + left + from));
  }
}

/** A picture with each pixel repeated `scale` times along both axes. */
export function repeated(picture: Picture, scale: number): Picture {
  if (scale === 1) return picture;
  const [width, height] = [picture.width * scale, picture.height * scale];
  const from = new Uint32Array(picture.values.buffer, picture.values.byteOffset);
  const to = new Uint32Array(width * height);
  for (let at = 0; at < to.length; at++) {
    const [y, x] = [Math.floor(at / width / scale), Math.floor((at % width) / scale)];
    to[at] = from[y * picture.width + x]!;
  }
  return { width, height, values: new Uint8ClampedArray(to.buffer) };
}
