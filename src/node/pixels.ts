/** What the file of a picture says besides its pixels. */
export interface PictureFile {
  /** `png`, `jpeg`, `webp`, `tiff`, `gif` or `heif` (which is AVIF too). */
  readonly format: string;
  /** Frames of an animation or pages of a document, of which the first is read. */
  readonly pages: number;
  /** Its colours are inks, and were converted to sRGB. */
  readonly isCmyk: boolean;
  /**
   * How EXIF asks to turn what is stored, 1 to 8: the values have been turned.
   * @default 1
   */
  readonly orientation?: number;
  /** The colour profile that the values belong to; none means sRGB. */
  readonly icc?: Uint8Array;
  /** What the camera wrote, as it lies in the file. */
  readonly exif?: Uint8Array;
}

/** A picture as it lies in a file: whole numbers, each from 0 to `white`. */
export interface Pixels {
  /** Row by row, the channels of a pixel side by side. */
  readonly values: Uint8Array | Uint8ClampedArray | Uint16Array;
  /** `[height, width, channels]`: gray, gray and alpha, colour, colour and alpha. */
  readonly shape: readonly [height: number, width: number, channels: number];
  /** 255, or 65535 for 16 bits. */
  readonly white: number;
  /** The file it was read from; `writePixels` keeps its profile and EXIF. */
  readonly file?: PictureFile;
}
