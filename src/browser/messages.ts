import type { Diagnosis, Settings } from 'spgd/tasks';
import type { Held, PhotoSettings, Plan } from './photo-job';
import type { Picture } from './picture';

/** The ways to compute, the fastest first. */
export type BackendName = 'webgpu' | 'wasm-threads' | 'wasm';

/** Where jobs are computed, and why there. */
export interface BackendChoice {
  /** The backend. */
  readonly name: BackendName;
  /** What it runs on, and why those before it were rejected. */
  readonly reason: string;
}

/** What a worker found when it started. */
export interface RestorerInfo {
  /** Where jobs are computed. */
  readonly backend: BackendChoice;
  /** Milliseconds until the backend and the model were ready, and of one pass of each kind. */
  readonly times: Readonly<Record<string, number>>;
}

/** The size of a window, and what is missing in it. */
export interface PlannedWindow {
  readonly height: number;
  readonly width: number;
  readonly missing?: Uint8Array;
  /** Whether it ends where the photo does. */
  readonly isCut?: boolean;
}

/** One window of a photo, to be restored. */
export interface BlockJob extends PhotoSettings {
  readonly photo: Picture;
  readonly missing?: Uint8Array;
  /** Whether the window ends where the photo does. */
  readonly isCut: boolean;
  /** Whether each step is shown. */
  readonly previews: boolean;
}

/** A restored window. */
export interface BlockResult {
  readonly picture: Picture;
  readonly deviation?: Float32Array;
  readonly rms: number;
  readonly sampler: string;
  readonly settings: Settings;
  readonly held: Held;
}

/** What is asked of the worker, with what it answers. */
export interface Calls {
  readonly plan: readonly [{ settings: PhotoSettings; windows: readonly PlannedWindow[] }, Plan];
  readonly block: readonly [BlockJob, BlockResult];
  readonly diagnose: readonly [{ photo: Picture; missing?: Uint8Array }, Diagnosis];
}

/** A call by its name. */
export type CallName = keyof Calls;

/** The messages to the worker. */
export type Request =
  | {
      readonly kind: 'start';
      /** What may be tried, in this order, and why not the others. */
      readonly backends: readonly BackendName[];
      readonly why: string;
      /** The address of the model.json. */
      readonly model: string;
    }
  | {
      [K in CallName]: { readonly kind: K; readonly id: number; readonly input: Calls[K][0] };
    }[CallName]
  | { readonly kind: 'cancel'; readonly id: number };

/** The messages of the worker. */
export type Report =
  | { readonly kind: 'loading'; readonly loaded: number; readonly total: number }
  | { readonly kind: 'backend'; readonly backend: BackendChoice }
  | { readonly kind: 'ready'; readonly info: RestorerInfo }
  /** Nothing can be computed. */
  | { readonly kind: 'unusable'; readonly message: string }
  /** The backend is gone; another worker is needed. */
  | { readonly kind: 'lost'; readonly message: string }
  | {
      readonly kind: 'progress';
      readonly id: number;
      readonly share: number;
      readonly picture?: Picture;
    }
  | { readonly kind: 'answer'; readonly id: number; readonly output: Calls[CallName][1] }
  | {
      readonly kind: 'failed';
      readonly id: number;
      readonly name: string;
      readonly message: string;
    };
