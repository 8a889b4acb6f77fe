import type { NamedTensorMap, Tensor, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { offTape } from '../../internal/off-tape';
import type { LinearizedNetwork } from '../network';
import { compileProgram } from './compile-program';
import { untraced } from './hooks';
import type { Layer, Program } from './layer';
import { bytesOf, linearizeProgram } from './linearize-program';
import { memoryBudget as chooseBudget } from './memory-budget';
import { type MemoryNeed, memoryNeed } from './memory-need';
import type { LayerWeights, Precision } from './op';
import { recordings } from './recordings';
import { runForward, type Values } from './run-forward';

/** Inputs of a program beside x; they have no gradient. */
export type GivenInputs = Readonly<NamedTensorMap>;

/** A program on its weights, as a function of x at any size. */
export interface ProgramFunction {
  /** The value: one node on the caller's tape, which keeps its inputs and is recomputed. */
  (x: Tensor4D, given?: GivenInputs): Tensor;
  /** The value, and a backward pass to x that is independent of the caller's tape. */
  linearize(x: Tensor4D, given: GivenInputs): LinearizedNetwork<Tensor>;
  /** Frees the weights. */
  dispose(): void;
}

/** How to run a program. */
export interface ProgramFunctionOptions {
  /**
   * Bytes of activations kept for the gradient; blocks past it are recomputed in the backward pass.
   * @default by the memory that is left when the program is linearized
   */
  readonly memoryBudget?: number | undefined;
  /**
   * The numbers that convolutions compute in.
   * @default 'float32'
   */
  readonly precision?: Precision | undefined;
}

/** Runs a program on weights that it owns from now on. */
export function programFunction(
  program: Program,
  weights: NamedTensorMap,
  { memoryBudget, precision = 'float32' }: ProgramFunctionOptions = {},
): ProgramFunction {
  const compiled = compileProgram(program);
  const derived = new Map<string, Tensor>();
  const weightBytes = bytesOf(Object.values(weights));
  const weightsOf = (layer: Layer): LayerWeights => ({
    precision,
    modelBytes: weightBytes,
    get: (role) => weights[layer.weights![role]!]!,
    derived(key, make) {
      const name = `${layer.name} ${key}`;
      const known = derived.get(name) ?? untraced(() => tf.keep(make()));
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
  const recorded = recordings();
  const inputsOf = (x: Tensor4D, given: GivenInputs) => [x, ...Object.values(given)];
  const linearize: ProgramFunction['linearize'] = (x, given) => {
    const budget = budgetOf(x, given);
    const byLayer = () => linearizeProgram(compiled, valuesOf(x, given), weightsOf, budget);
    // A recording recomputes the same blocks each time, whatever memory is left.
    if (memoryBudget === undefined && budget < needOf(x, given).kept) return byLayer();
    const inputs = inputsOf(x, given);
    return recorded.findOrRecord(inputs, byLayer)?.linearize(inputs) ?? byLayer();
  };
  const forward = (x: Tensor4D, given: GivenInputs): Tensor =>
    recorded.find(inputsOf(x, given))?.forward(inputsOf(x, given)) ??
    runForward(compiled, valuesOf(x, given), weightsOf);

  const apply = (x: Tensor4D, given: GivenInputs = {}): Tensor =>
    tf.customGrad((...args) => {
      const [input, save] = args as unknown as [Tensor4D, (tensors: Tensor[]) => void];
      const names = Object.keys(given);
      save([input, ...Object.values(given)]);
      const value = offTape(() => forward(input, given));
      const gradFunc = (dy: Tensor, [at, ...rest]: Tensor[]) => {
        const again = Object.fromEntries(names.map((name, i) => [name, rest[i]!]));
        return offTape(() => tf.tidy(() => linearize(at as Tensor4D, again).backward(dy)));
      };
      return { value, gradFunc };
    })(x);

  return Object.assign(apply, {
    linearize,
    dispose() {
      recorded.dispose();
      tf.dispose(weights);
      tf.dispose([...derived.values()]);
    },
  });
}
