import type { MessagePort } from 'node:worker_threads';
import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
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
  /** Which worker this is, from 0, and how many there are. */
  readonly place: number;
  readonly workers: number;
}

/** What went wrong in a worker. */
export type WorkerFailure = Pick<Error, 'name' | 'message'>;

/** The description of a denoiser. */
type Description = Pick<LoadedDenoiser, 'metadata' | 'imageShape' | 'multipleOf' | 'sigmaRange'>;

/** A worker has its model, or has none. */
export type ReadyMessage = { readonly ready: Description } | { readonly error: WorkerFailure };

/** A tensor as plain numbers. */
export interface SentTensor {
  readonly shape: Shape4D;
  readonly values: Float32Array;
}

/** Reads a tensor, to send it. */
export const sentTensor = (tensor: Tensor4D): SentTensor => ({
  shape: tensor.shape,
  values: tensor.dataSync<'float32'>(),
});

/** The tensor that was sent. */
export const receivedTensor = ({ values, shape }: SentTensor): Tensor4D =>
  tf.tensor4d(values, shape);

/** Asks for a denoised group; with `keep`, its linearization stays in the worker under its id. */
export interface ForwardMessage {
  readonly id: number;
  readonly x: SentTensor;
  readonly sigma: number;
  readonly keep: boolean;
}

/** Asks for the gradient of a group that is kept. */
export interface BackwardMessage {
  readonly id: number;
  readonly cotangent: SentTensor;
}

/** Frees groups that are kept, by their ids; a worker has no reply to it. */
export interface ReleaseMessage {
  readonly release: readonly number[];
}

/** A result, or why there is none. */
export type ReplyMessage = { readonly id: number } & (
  | { readonly result: SentTensor }
  | { readonly error: WorkerFailure }
);
