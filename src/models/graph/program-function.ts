import type { NamedTensorMap, Tensor, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { offTape } from '../../internal/off-tape';
import { compileProgram } from './compile-program';
import type { Layer, Program } from './layer';
import { memoryBudget as chooseBudget } from './memory-budget';
import { type MemoryNeed, memoryNeed } from './memory-need';
import type { LayerWeights } from './op';
import { runForward, type Values } from './run-forward';
import { bytesOf, runVjp } from './run-vjp';

/** Inputs of a program beside x; they have no gradient. */
export type GivenInputs = Readonly<NamedTensorMap>;

/** A program on its weights, as a function of x at any size. */
export interface ProgramFunction {
  /** The value: one node on the caller's tape, that keeps its inputs and runs again. */
  (x: Tensor4D, given?: GivenInputs): Tensor;
  /** The value, and the gradient in x of `<cotangent, value>`, without the tape of the caller. */
  vjp(
    x: Tensor4D,
    given: GivenInputs,
    cotangent: (output: Tensor) => Tensor,
  ): { output: Tensor; gradient: Tensor4D };
  /** Frees the weights. */
  dispose(): void;
}

/**
 * Runs a program on weights that it owns from now on. `memoryBudget` is the bytes of activations
 * kept for the gradient; blocks past it run again on the way back. Without it, it is chosen by the
 * memory that is left when a gradient is taken.
 */
export function programFunction(
  program: Program,
  weights: NamedTensorMap,
  memoryBudget?: number,
): ProgramFunction {
  const compiled = compileProgram(program);
  const derived = new Map<string, Tensor>();
  const weightBytes = bytesOf(Object.values(weights));
  const weightsOf = (layer: Layer): LayerWeights => ({
    get: (role) => weights[layer.weights![role]!]!,
    derived(key, make) {
      const name = `${layer.name} ${key}`;
      const known = derived.get(name) ?? tf.keep(make());
      derived.set(name, known);
      return known;
    },
  });
  const valuesOf = (x: Tensor4D, given: GivenInputs): Values =>
    new Map<string, Tensor>([['x', x], ...Object.entries(given)]);
  const needs = new Map<string, MemoryNeed>();
  const needOf = (x: Tensor4D, given: GivenInputs): MemoryNeed => {
    const known = needs.get(x.shape.join());
    if (known) return known;
    const shapes = Object.entries({ x, ...given }).map(([key, { shape }]) => [key, shape.slice(1)]);
    const need = memoryNeed(program, Object.fromEntries(shapes), x.shape[0]);
    needs.set(x.shape.join(), need);
    return need;
  };
  const budgetOf = (x: Tensor4D, given: GivenInputs): number => {
    const held = { bytes: weightBytes, derived: bytesOf(derived.values()) };
    return chooseBudget(needOf(x, given), held, memoryBudget);
  };
  const vjp: ProgramFunction['vjp'] = (x, given, cotangent) =>
    tf.tidy(() => {
      const budget = budgetOf(x, given);
      const result = runVjp(compiled, valuesOf(x, given), weightsOf, cotangent, budget);
      return { output: result.output, gradient: result.gradient as Tensor4D };
    });

  const apply = (x: Tensor4D, given: GivenInputs = {}): Tensor =>
    tf.customGrad((...args) => {
      const [input, save] = args as unknown as [Tensor4D, (tensors: Tensor[]) => void];
      const names = Object.keys(given);
      save([input, ...Object.values(given)]);
      const value = offTape(() => runForward(compiled, valuesOf(input, given), weightsOf));
      const gradFunc = (dy: Tensor, [at, ...rest]: Tensor[]) => {
        const again = Object.fromEntries(names.map((name, i) => [name, rest[i]!]));
        return offTape(() => vjp(at as Tensor4D, again, () => dy).gradient);
      };
      return { value, gradFunc };
    })(x);

  return Object.assign(apply, {
    vjp,
    dispose() {
      tf.dispose(weights);
      tf.dispose([...derived.values()]);
    },
  });
}
