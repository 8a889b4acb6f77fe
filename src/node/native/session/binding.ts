import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';

/** An attribute of an operation, as the addon takes it. */
export interface Attribute {
  readonly name: string;
  /** One of `TF_ATTR_…` of the addon. */
  readonly type: number;
  readonly value: unknown;
}

/** A tensor of TensorFlow. */
export interface Handle {
  readonly id: number;
  readonly shape: number[];
  /** TensorFlow's number of the type. */
  readonly dtype: number;
}

/** The part of the addon of tfjs-node that sessions need. */
export type Binding = Readonly<Record<`TF_${string}`, number>> & {
  executeOp(op: string, attributes: readonly Attribute[], ids: number[], outputs: number): Handle[];
  createTensor(shape: number[], dtype: number, values: ArrayLike<number>): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): ArrayLike<number>;
  loadSavedModel(folder: string, tags: string): number;
  deleteSavedModel(session: number): void;
  runSavedModel(session: number, ids: number[], inputs: string, outputs: string): Handle[];
};

/** The part of the backend of tfjs-node that sessions need. */
export interface NativeBackend {
  binding: Binding;
  readonly isUsingGpuDevice: boolean;
  getInputTensorIds(tensors: readonly Tensor[]): number[];
  move(dataId: object, ...rest: unknown[]): void;
  createOutputTensor(handle: Handle): Tensor;
}

/** The present backend, which must be that of tfjs-node. */
export const nativeBackend = (): NativeBackend => tf.backend() as unknown as NativeBackend;
