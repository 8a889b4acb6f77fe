import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkWasmMemory } from '../../internal/wasm-memory';
import type { CompiledProgram } from './compile-program';
import type { Layer } from './layer';
import { mapsAtOnce } from './memory-need';
import type { LayerWeights } from './op';
import { ops } from './ops';

/** The values of a program by name. */
export type Values = Map<string, Tensor>;

/** The weights of a whole program. */
export type WeightStore = (layer: Layer) => LayerWeights;

/** A layer, and what its gradient needs. */
export interface Recorded {
  readonly layer: Layer;
  readonly saved: readonly Tensor[];
  /** Of its inputs. */
  readonly shapes: readonly (readonly number[])[];
}

/** Runs layers in order. `taken` is called for each value once a layer has used it. */
export function runLayers(
  layers: readonly Layer[],
  values: Values,
  weights: WeightStore,
  taken: (input: string) => void,
): Recorded[] {
  return layers.map((layer) => {
    const inputs = layer.inputs.map((name) => values.get(name)!);
    const shapes = inputs.map(({ shape }) => shape);
    checkWasmMemory(layer.name, Array(mapsAtOnce).fill(4 * inputs[0]!.size));
    const { output, saved } = tf.tidy(() => {
      const result = ops[layer.op].forward(layer, inputs, weights(layer));
      return { output: result.output, saved: [...(result.saved ?? [])] };
    });
    values.set(layer.name, output);
    for (const name of layer.inputs) taken(name);
    return { layer, saved, shapes };
  });
}

/** A `taken` that frees each value after its last use, except those of the caller. */
export function freeAfterUse(
  values: Values,
  uses: ReadonlyMap<string, number>,
  callers: Iterable<string>,
): (name: string) => void {
  const left = new Map(uses);
  for (const name of callers) left.set(name, Number.POSITIVE_INFINITY);
  return (name) => {
    const count = left.get(name)! - 1;
    left.set(name, count);
    if (count > 0) return;
    values.get(name)!.dispose();
    values.delete(name);
  };
}

/** The value of a program, keeping nothing for a gradient. */
export function runForward(program: CompiledProgram, inputs: Values, weights: WeightStore): Tensor {
  return tf.tidy(() => {
    const values = new Map(inputs);
    const taken = freeAfterUse(values, program.uses, inputs.keys());
    for (const layer of program.blocks.flat()) {
      for (const { saved } of runLayers([layer], values, weights, taken)) tf.dispose([...saved]);
    }
    return values.get(program.output)!;
  });
}
