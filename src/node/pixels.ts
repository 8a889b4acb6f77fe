/** A picture as it lies in a file: whole numbers, each from 0 to `white`. */
export interface Pixels {
  /** Row by row, the channels of a pixel side by side. */
  readonly values: Uint8Array | Uint8ClampedArray | Uint16Array;
  /** `[height, width, channels]`: gray, gray and alpha, colour, colour and alpha. */
  readonly shape: readonly [height: number, width: number, channels: number];
  /** 255, or 65535 for 16 bits. */
  readonly white: number;
}
