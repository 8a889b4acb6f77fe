import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { LinearizedNetwork, Network } from '../network';
import type { GivenInputs, ProgramFunction } from './program-function';

/** What a network has besides its program. */
export interface ProgramNetworkOptions {
  readonly inChannels: number;
  readonly multipleOf: number;
  /** The class label, where the network is conditioned on classes. */
  readonly classLabel?: number;
}

/** A program of x, t and perhaps a label as a network, at any size that `multipleOf` divides. */
export function programNetwork(
  run: ProgramFunction,
  { inChannels, multipleOf, classLabel }: ProgramNetworkOptions,
): Network {
  const given = ({ shape }: Tensor4D, t: Tensor1D): GivenInputs =>
    classLabel === undefined ? { t } : { t, label: tf.fill([shape[0]], classLabel, 'int32') };
  const apply = (x: Tensor4D, t: Tensor1D): Tensor4D =>
    tf.tidy(() => run(x, given(x, t)) as Tensor4D);
  return Object.assign(apply, {
    linearize: (x: Tensor4D, t: Tensor1D) =>
      tf.tidy(() => run.linearize(x, given(x, t)) as LinearizedNetwork & tf.TensorContainer),
    imageShape: [null, null, inChannels] as const,
    multipleOf,
    dispose: run.dispose,
  });
}
