/** A grey image in plain numbers. */
export interface GrayImage {
  /** Row by row, in [-1, 1]. */
  readonly values: ArrayLike<number>;
  /** Rows. */
  readonly height: number;
  /** Columns. */
  readonly width: number;
}
