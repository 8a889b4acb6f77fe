import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { Network } from '../network';
import type { GivenInputs, ProgramFunction } from './program-function';

/** What a network is beside its program. */
export interface ProgramNetworkOptions {
  readonly inChannels: number;
  readonly multipleOf: number;
  /** Class label, where the network is conditioned on classes. */
  readonly classLabel?: number;
}

/** A program of x, t and perhaps a label as a network, at any size that divides. */
export function programNetwork(
  run: ProgramFunction,
  { inChannels, multipleOf, classLabel }: ProgramNetworkOptions,
): Network {
  const given = ({ shape }: Tensor4D, t: Tensor1D): GivenInputs =>
    classLabel === undefined ? { t } : { t, label: tf.fill([shape[0]], classLabel, 'int32') };
  const apply = (x: Tensor4D, t: Tensor1D): Tensor4D =>
    tf.tidy(() => run(x, given(x, t)) as Tensor4D);
  return Object.assign(apply, {
    vjp: (x: Tensor4D, t: Tensor1D, cotangent: (output: Tensor4D) => Tensor4D) =>
      tf.tidy(() => {
        const of = (output: Tensor) => cotangent(output as Tensor4D);
        const { output, gradient } = run.vjp(x, given(x, t), of);
        return { output: output as Tensor4D, gradient };
      }),
    imageShape: [null, null, inChannels] as const,
    multipleOf,
    dispose: run.dispose,
  });
}
