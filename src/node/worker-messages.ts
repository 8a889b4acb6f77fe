import type { MessagePort } from 'node:worker_threads';
import type { Shape4D } from '../internal/shape';
import type { LoadDenoiserOptions, LoadedDenoiser } from '../models/load-denoiser';
import type { BackendName } from './backends';

/** What a worker starts with. */
export interface WorkerStart {
  /** Address of the model. */
  readonly source: string;
  readonly options: Pick<LoadDenoiserOptions, 'classLabel' | 'memoryBudget'>;
  readonly backend: BackendName;
  readonly port: MessagePort;
  /** Int32: the number of messages of all workers; then for each worker whether it has ended. */
  readonly control: SharedArrayBuffer;
  /** Which worker this is, from 0. */
  readonly place: number;
}

/** What went wrong in a worker. */
export type WorkerFailure = Pick<Error, 'name' | 'message'>;

/** A worker has its model, or has none. */
export type ReadyMessage =
  | { readonly ready: Pick<LoadedDenoiser, 'metadata' | 'imageShape' | 'multipleOf'> }
  | { readonly error: WorkerFailure };

/** A group to compute. */
export interface TaskMessage {
  /** Which call it belongs to: replies to a call that has failed are dropped. */
  readonly run: number;
  readonly id: number;
  readonly sigma: number;
  readonly shape: Shape4D;
  readonly x: Float32Array;
  readonly cotangent?: Float32Array;
}

/** Its result. */
export type ReplyMessage = { readonly run: number; readonly id: number } & (
  | { readonly values: Float32Array }
  | { readonly error: WorkerFailure }
);
