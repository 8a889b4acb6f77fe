/** One row of the gallery: what is undone, and on which photo. */
export interface Row {
  readonly task: string;
  /** A name of a few letters, below its picture in the strip; without one it is not in there. */
  readonly label?: string;
  readonly photo: 'astronaut' | 'chelsea' | 'coffee';
}

/** The level of quality that all rows are restored at, the default of the command. */
export const quality = 'balanced';

/** Noise, and the released tasks that need no network but the prior. */
export const rows: readonly Row[] = [
  { task: 'denoising', label: 'noise', photo: 'astronaut' },
  { task: 'super-resolution', label: '4 x smaller', photo: 'chelsea' },
  { task: 'random-inpainting', label: '80 % missing', photo: 'coffee' },
  { task: 'box-inpainting', label: 'box missing', photo: 'coffee' },
  { task: 'gaussian-blur', label: 'Gaussian blur', photo: 'astronaut' },
  { task: 'motion-blur', label: 'motion blur', photo: 'chelsea' },
  { task: 'phase-retrieval', photo: 'astronaut' },
  { task: 'high-dynamic-range', label: 'over-exposed', photo: 'coffee' },
];

/** What was measured of a row; PSNR in dB, null where the measurement is no picture of that size. */
export interface Figures {
  /** Side of the photo in pixels. */
  readonly size: number;
  readonly baseline: string;
  readonly noiseStd: number;
  readonly psnr: {
    readonly measurement: number | null;
    readonly baseline: number;
    readonly restored: number;
  };
}
