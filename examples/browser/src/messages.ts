import type { TaskSettings } from 'spgd';
import type { Settings } from 'spgd/tasks';
import type { TaskName } from './tasks';

/** A picture as the canvas has it: red, green, blue, alpha, a byte each. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly values: Uint8ClampedArray<ArrayBuffer>;
}

/** A photo and what is to be done to it. */
export interface Job {
  readonly photo: Picture;
  readonly task: TaskName;
  /** The photo is the measurement; otherwise it is clean, and is damaged first. */
  readonly isDamaged: boolean;
  /** A byte for each pixel of the photo, 1 = missing; for `repair`. */
  readonly missing?: Uint8Array;
  /** How many times larger, or brighter. */
  readonly scale: number;
  /** Standard deviation of the blur in pixels. */
  readonly blurStd: number;
  /** Standard deviation of the noise on [-1, 1]. */
  readonly noiseStd: number;
  /** Its name, as `samplerNamed` takes it. */
  readonly sampler: string;
  readonly settings: Settings;
  readonly seed: number;
}

/** The ways to compute, the fastest first. */
export type BackendName = 'webgpu' | 'wasm-threads' | 'wasm';

/** Where a job is computed, and why there. */
export interface BackendChoice {
  readonly name: BackendName;
  readonly reason: string;
}

/** The first thing a worker is told. */
export interface StartRequest {
  readonly kind: 'start';
  /** What may be tried, in this order, and why not the others. */
  readonly backends: readonly BackendName[];
  readonly why: string;
  /** The address of the model.json. */
  readonly model: string;
}

/** What the page asks of its worker. */
export type Request =
  | StartRequest
  | { readonly kind: 'plan'; readonly job: Job }
  | { readonly kind: 'restore'; readonly job: Job }
  | { readonly kind: 'cancel' };

/** What a job will cost. */
export interface Plan {
  readonly seconds: number;
  /** Peak of the memory for numbers. */
  readonly bytes: number;
  readonly tiles: number;
  readonly passes: number;
}

/** What the worker tells the page. */
export type Report =
  | { readonly kind: 'loading'; readonly loaded: number; readonly total: number }
  | { readonly kind: 'backend'; readonly backend: BackendChoice }
  | {
      readonly kind: 'ready';
      readonly tuned: TaskSettings;
      /** Milliseconds of the first things that were done. */
      readonly times: Readonly<Record<string, number>>;
    }
  | { readonly kind: 'plan'; readonly plan: Plan }
  | { readonly kind: 'measurement'; readonly picture: Picture; readonly psnr: number | null }
  | { readonly kind: 'progress'; readonly share: number }
  | {
      readonly kind: 'step';
      readonly step: number;
      readonly steps: number;
      readonly picture: Picture;
    }
  | {
      readonly kind: 'done';
      readonly picture: Picture;
      /** Against the clean photo, in dB, where the damage was simulated. */
      readonly psnr: number | null;
      readonly milliseconds: number;
      /** What is held once it is over: a run must leave nothing behind. */
      readonly held: { readonly tensors: number; readonly wasmBytes: number };
    }
  | { readonly kind: 'cancelled' }
  /** A job failed; the worker can take another. */
  | { readonly kind: 'failed'; readonly message: string }
  /** The backend is gone; another worker is needed. */
  | { readonly kind: 'lost'; readonly message: string };
