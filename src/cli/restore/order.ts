import type { JpegFile } from 'spgd';
import type { Pixels } from 'spgd/node';
import type { DamageMap } from 'spgd/tasks';
import type { ChosenTask } from './choose-task';
import type { PhotoNoise } from './photo-noise';
import type { Piece } from './pieces';

/** A photo with what is to be done to it, before any backend is started. */
export interface Order extends ChosenTask {
  readonly path: string;
  readonly photo: Pixels;
  /** Its format hides noise, as JPEG does. */
  readonly isLossy: boolean;
  readonly map?: DamageMap;
  /** The noise, where the photo was looked at already. */
  readonly noise?: PhotoNoise;
  /** Its coefficients, where they are what is restored. */
  readonly jpeg?: JpegFile;
}

/** A measurement, and how it is cut into pieces for one run. */
export interface Job {
  /** The clean photo, where the damage was simulated. */
  readonly clean?: Pixels;
  /** What is restored, as a picture, where it is one. */
  readonly damaged?: Pixels;
  readonly noise: PhotoNoise;
  /** What was found out about the photo, where that says more than its noise. */
  readonly found?: string;
  /** Pixels that are missing, where some are. */
  readonly missing?: number;
  /** New pieces, and the picture that they have become in the end. */
  plan(): { pieces: Piece[]; picture(): Pixels };
}
