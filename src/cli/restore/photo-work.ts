import type { Consistency } from 'spgd';
import type { Task } from 'spgd/tasks';
import type { Journal } from './journal';
import type { Job } from './order';
import type { Figures } from './rate';
import type { PieceSettings } from './run-pieces';
import type { RegionSpread } from './spread';

/** One sample of a photo: its seed, and what is kept of it on disk. */
export interface Target {
  readonly out: string;
  readonly seed: number;
  readonly journal: Journal;
}

/** A photo to be restored: its file, and its samples. */
export interface PhotoWork {
  readonly path: string;
  readonly job: Job;
  readonly out: string;
  readonly targets: readonly Target[];
}

/** What became of a sample, or of a photo. */
export interface Outcome {
  readonly out: string;
  readonly before: Figures | undefined;
  readonly after: Figures | undefined;
  readonly consistency: Consistency;
  /** Of a sample, or of a photo restored once. */
  readonly seed?: number;
  /** Of a photo restored several times: where its samples differ, and those that were written. */
  readonly spread?: Spread;
  readonly samples?: readonly Outcome[];
}

/** How photos are made. */
export interface MakeSettings extends PieceSettings {
  readonly task: Task;
  readonly keep: 'mean' | 'all';
  readonly keepGps?: boolean | undefined;
  /** Factor on the spread, where the sampler is calibrated. */
  readonly intervalScale?: number | undefined;
  say(line: string): void;
}

/** Where the samples of a photo differ, and the files that show it. */
export interface Spread {
  readonly count: number;
  /** The map of the standard deviation. */
  readonly map: string;
  /** The report with all samples. */
  readonly report: string;
  /** Over the whole photo, and by region. */
  readonly whole: RegionSpread;
  readonly regions: readonly RegionSpread[];
  /** Whether the intervals are calibrated for the task and the sampler. */
  readonly isCalibrated: boolean;
}
