import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkRange } from '../../internal/check';
import type { LinearizedNetwork, Network } from '../network';
import type { GivenInputs, ProgramFunction } from './program-function';

/** What a network has besides its program. */
export interface ProgramNetworkOptions {
  readonly inChannels: number;
  readonly multipleOf: number;
  /** The class label, or one for each item, where the network is conditioned on classes. */
  readonly classLabel?: number | readonly number[];
}

/** The labels of a batch. */
function labelsOf(classLabel: number | readonly number[], items: number): Tensor1D {
  if (typeof classLabel === 'number') return tf.fill([items], classLabel, 'int32');
  const rule = `one label, or one for each of the ${items} items`;
  checkRange(classLabel.length === items, 'loadDenoiser', 'classLabel', rule, classLabel);
  return tf.tensor1d([...classLabel], 'int32');
}

/** A program of x, t and perhaps a label as a network, at any size that `multipleOf` divides. */
export function programNetwork(
  run: ProgramFunction,
  { inChannels, multipleOf, classLabel }: ProgramNetworkOptions,
): Network {
  const given = ({ shape }: Tensor4D, t: Tensor1D): GivenInputs =>
    classLabel === undefined ? { t } : { t, label: labelsOf(classLabel, shape[0]) };
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
