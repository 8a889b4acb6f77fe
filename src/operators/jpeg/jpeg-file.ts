import type { Subsampling } from './cell';
import type { QuantizationTable } from './tables';

/** What the header of a JPEG says of its compression. `jpeg` takes it as its options. */
export interface JpegInfo {
  /** Rows of the image as stored: EXIF may ask to turn it. */
  readonly height: number;
  /** Columns of the image as stored. */
  readonly width: number;
  /** The steps of Y, Cb and Cr; for a grey file, 1 for the colours that it lacks. */
  readonly tables: readonly [QuantizationTable, QuantizationTable, QuantizationTable];
  /** How coarsely its colours are sampled; '4:4:4' for a grey file. */
  readonly subsampling: Subsampling;
  /** The quality whose standard table is nearest to that of Y, an integer from 1 to 100. */
  readonly quality: number;
  /** The noise level on [-1, 1] at which a denoiser cleans the decoded picture best. */
  readonly errorLevel: number;
  /** The file has no colours. */
  readonly isGrey: boolean;
}

/** The coefficients of a component, as whole numbers of its steps. */
export interface JpegPlane {
  /** 64 for each block, row by row from the lowest frequency, blocks row by row. */
  readonly coefficients: Int16Array;
  /** Blocks in a row of `coefficients`. */
  readonly stride: number;
  /** Blocks that hold the image; those after them are padding. */
  readonly blocks: readonly [down: number, across: number];
}

/** A JPEG with its coefficients. */
export interface JpegFile extends JpegInfo {
  /** Y, Cb and Cr, or Y alone. */
  readonly planes: readonly JpegPlane[];
}

/** Options of `readJpeg`. */
export interface ReadJpegOptions {
  /**
   * Largest number of pixels: an integer >= 1. A guard against files made to exhaust memory.
   * @default 40e6
   */
  maxPixels?: number;
}
