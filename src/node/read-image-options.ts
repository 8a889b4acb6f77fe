/** Options of `readImage`. */
export interface ReadImageOptions {
  /**
   * `[height, width]` to resize to, in pixels, each an integer >= 1.
   * @default the size of the file
   */
  size?: readonly [height: number, width: number];
  /**
   * How the image meets `size`: 'cover' keeps its proportions and crops what is too much on both
   * sides alike, 'fill' stretches it.
   * @default 'cover'
   */
  fit?: 'cover' | 'fill';
  /**
   * Gives 1 channel, the luminance, instead of 3.
   * @default false
   */
  grayscale?: boolean;
  /**
   * Largest number of pixels in the file: an integer >= 1. A guard against files made to exhaust
   * memory.
   * @default 40e6
   */
  maxPixels?: number;
}

/** Options of `readPixels`. */
export interface ReadPixelsOptions extends ReadImageOptions {
  /**
   * 'srgb' converts to sRGB by the colour profile, and gives gray pictures 3 channels. 'file' keeps
   * the numbers: the profile stands in `file.icc`, and a gray picture has 1 channel. Inks are
   * converted to sRGB in any case.
   * @default 'srgb'
   */
  colours?: 'srgb' | 'file';
}
