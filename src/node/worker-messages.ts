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
  /**
   * Int32: the number of messages of all workers; then for each worker whether it has ended; then for
   * each how many messages it was sent.
   */
  readonly control: SharedArrayBuffer;
  /** Which worker this is, from 0, and how many there are. */
  readonly place: number;
  readonly workers: number;
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
  /** With it the gradient is wanted, without it the denoised image. */
  readonly cotangent?: Float32Array;
  /** The gradient is wanted as well: after the denoised image the worker waits for the cotangent. */
  readonly waits?: boolean;
}

/** To a worker that waits: the cotangent of the group that came last, or null where none will come. */
export interface CotangentMessage {
  readonly later: Float32Array | null;
}

/** Its result. */
export type ReplyMessage = { readonly run: number; readonly id: number } & (
  | {
      readonly values: Float32Array;
      /** Of a group that waits: whether the worker has room for another one that does. */
      readonly hasRoom?: boolean;
    }
  | { readonly error: WorkerFailure }
);
