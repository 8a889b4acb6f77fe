import type { Tile } from 'spgd';
import type { Settings } from 'spgd/tasks';
import type { Picture } from './picture';

/**
 * What happened to a photo: parts are missing, it is noisy, too small, out of focus or over-exposed.
 */
export type PhotoTask = 'repair' | 'denoise' | 'enlarge' | 'deblur' | 'exposure';

/** How a photo is restored, whatever its pixels. */
export interface PhotoSettings {
  /** What happened to the photo. */
  readonly task: PhotoTask;
  /**
   * How many times to enlarge, an integer >= 2, or how many times too bright the photo is, > 1.
   * @default 2
   */
  readonly scale?: number;
  /**
   * Standard deviation of the blur in pixels, > 0.
   * @default 1.5
   */
  readonly blurStd?: number;
  /**
   * Standard deviation of the noise on the [-1, 1] scale, >= 0.
   * @default 0.01
   */
  readonly noiseStd?: number;
  /**
   * A level of quality (`fast`, `balanced`, `best`), `samples`, or a sampler by its name, such as
   * `spgd` or `ddrm`.
   * @default 'balanced'
   */
  readonly method?: string;
  /**
   * Settings that replace those of the method.
   * @default none
   */
  readonly settings?: Partial<Settings>;
  /**
   * Seed of the noise that a sampler draws: any integer.
   * @default 0
   */
  readonly seed?: number;
  /**
   * Samples of the posterior to draw, an integer >= 1. From 2 on, the result is their mean, and their
   * standard deviation is returned, too.
   * @default 1
   */
  readonly samples?: number;
}

/** A photo and what is to be done to it. */
export interface PhotoJob extends PhotoSettings {
  /** The damaged photo, at full size. */
  readonly photo: Picture;
  /**
   * The rectangle to restore. Its surroundings are looked at, and nothing outside changes.
   * @default the whole photo
   */
  readonly region?: Tile;
  /**
   * A byte for each pixel of the photo, 1 = painted. For `repair`, what is missing; for other tasks,
   * what may change.
   * @default all pixels; `repair` needs it
   */
  readonly mask?: Uint8Array;
}

/** What a job will cost. */
export interface Plan {
  /** Forecast time, from the time of a pass in this browser. */
  readonly seconds: number;
  /** Peak of the memory for numbers. */
  readonly bytes: number;
  /** Tiles that each pass goes through the network with, in all blocks together. */
  readonly tiles: number;
  /** Passes through the network for each tile. */
  readonly passes: number;
  /** The sampler that the method chose. */
  readonly sampler: string;
  /** Its settings. */
  readonly settings: Settings;
}

/** A part of a result on its way. */
export interface Preview {
  /** The part, as it looks now. */
  readonly picture: Picture;
  /** Its first row in the result. */
  readonly top: number;
  /** Its first column in the result. */
  readonly left: number;
}

/** What the worker holds after a run: the same after each. */
export interface Held {
  /** Number of tensors. */
  readonly tensors: number;
  /** Memory of WebAssembly in bytes; 0 on WebGPU. */
  readonly wasmBytes: number;
}

/** How far a restoration has come. */
export interface Progress {
  /** Share of the work that is done, from 0 to 1. */
  readonly share: number;
  /** What changes in the photo, at most. */
  readonly box: Tile;
  /** The part that is being computed; undefined between steps. */
  readonly preview?: Preview;
}

/** The result of a job. */
export interface Restored {
  /** The restored part of the photo; `enlarge` makes it `scale` times larger than `box`. */
  readonly picture: Picture;
  /** Where it belongs in the photo. */
  readonly box: Tile;
  /** Standard deviation of the samples at each pixel of `picture` in grey levels, where several were drawn. */
  readonly deviation?: Float32Array;
  /** Root mean square of the difference to what was measured, on the [-1, 1] scale. */
  readonly misfit: number;
  /** Whether the result departs grossly from what was measured: it is then no restoration. */
  readonly departs: boolean;
  /** The sampler that was used. */
  readonly sampler: string;
  /** Its settings. */
  readonly settings: Settings;
  /** Time in milliseconds. */
  readonly milliseconds: number;
  /** What the worker holds afterwards. */
  readonly held: Held;
}
