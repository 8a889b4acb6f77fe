import type { NamedTensorMap, Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { offTape } from '../../internal/off-tape';
import type { Network } from '../network';
import { compileProgram } from './compile-program';
import type { Layer, Program } from './layer';
import type { LayerWeights } from './op';
import { runForward, type Values } from './run-forward';
import { runVjp } from './run-vjp';

/** What a program network needs beside program and weights. */
export interface ProgramNetworkOptions {
  readonly inChannels: number;
  readonly multipleOf: number;
  /** Class label, where the network is conditioned on classes. */
  readonly classLabel?: number;
  /** Bytes of activations kept for the gradient; blocks past it run again on the way back. */
  readonly memoryBudget: number;
}

/** Runs a program on weights that it owns from now on, at any size that divides. */
export function programNetwork(
  program: Program,
  weights: NamedTensorMap,
  { inChannels, multipleOf, classLabel, memoryBudget }: ProgramNetworkOptions,
): Network {
  const compiled = compileProgram(program);
  const derived = new Map<string, Tensor>();
  const weightsOf = (layer: Layer): LayerWeights => ({
    get: (role) => weights[layer.weights![role]!]!,
    derived(key, make) {
      const name = `${layer.name} ${key}`;
      const known = derived.get(name) ?? tf.keep(make());
      derived.set(name, known);
      return known;
    },
  });
  const inputs = (x: Tensor4D, t: Tensor1D): Values => {
    const values: Values = new Map<string, Tensor>([
      ['x', x],
      ['t', t],
    ]);
    if (classLabel !== undefined) values.set('label', tf.fill([x.shape[0]], classLabel, 'int32'));
    return values;
  };
  const vjp = (x: Tensor4D, t: Tensor1D, cotangent: (output: Tensor4D) => Tensor4D) =>
    tf.tidy(() => {
      const of = (output: Tensor) => cotangent(output as Tensor4D);
      const { output, gradient } = runVjp(compiled, inputs(x, t), weightsOf, of, memoryBudget);
      return { output: output as Tensor4D, gradient: gradient as Tensor4D };
    });

  // One node on the caller's tape: only x and t are kept, the rest runs again for the gradient.
  const apply = (x: Tensor4D, t: Tensor1D): Tensor4D =>
    tf.customGrad((...args) => {
      const [input, save] = args as unknown as [Tensor4D, (tensors: Tensor[]) => void];
      save([input, t]);
      const value = offTape(() => runForward(compiled, inputs(input, t), weightsOf));
      const gradFunc = (dy: Tensor, saved: Tensor[]) =>
        offTape(
          () => vjp(saved[0] as Tensor4D, saved[1] as Tensor1D, () => dy as Tensor4D).gradient,
        );
      return { value, gradFunc };
    })(x) as Tensor4D;

  return Object.assign(apply, {
    vjp,
    imageShape: [null, null, inChannels] as const,
    multipleOf,
    dispose() {
      tf.dispose(weights);
      tf.dispose([...derived.values()]);
    },
  });
}
