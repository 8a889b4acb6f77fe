import type { Tensor } from '@tensorflow/tfjs';
import { type Attribute, type Binding, type Handle, nativeBackend } from './binding';

/** An operation that ran. Inputs are `name:output`, and `^name` for one that must run before. */
export interface TracedNode {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly string[];
  readonly attributes: readonly Attribute[];
  /** The value of a constant. */
  readonly value?: Pick<Handle, 'shape' | 'dtype'> & { readonly values: ArrayLike<number> };
}

/** Operations under observation. */
export interface Trace {
  readonly nodes: readonly TracedNode[];
  /** Tensors from before the trace that it took, such as weights: handles that are the trace's own. */
  readonly taken: ReadonlyMap<string, Handle>;
  /** The value of a node, as later operations name it. */
  nameOf(tensor: Tensor): string;
  /** Makes a tensor an input of the graph. */
  input(name: string, tensor: Tensor): void;
  /** Begins the backward pass: it shares no node with what came before. */
  beginBackward(): void;
}

/**
 * Observes the operations that `run` executes on native TensorFlow, which executes them as usual.
 * Operations that are the same are one node. `constantWeights` turns tensors from before into
 * constants.
 *
 * @throws Error where a value is read back: what depends on it cannot be recorded.
 */
export function traced<T>(run: (trace: Trace) => T, constantWeights: boolean): T {
  const backend = nativeBackend();
  const real = backend.binding;
  const nodes: TracedNode[] = [];
  const names = new Map<number, string>();
  const taken = new Map<string, Handle>();
  const constants = new Map<string, string>();
  const shared = new Map<string, string>();

  const add = (op: string, rest: Omit<TracedNode, 'op' | 'name'>, name = `n${nodes.length}`) => {
    nodes.push({ op, name, ...rest });
    return name;
  };
  const constant = (value: NonNullable<TracedNode['value']>): string => {
    const { shape, dtype, values } = value;
    const key = JSON.stringify([shape, dtype, Array.from(values)]);
    const known = constants.get(key) ?? add('Const', { inputs: [], attributes: [], value });
    constants.set(key, known);
    return `${known}:0`;
  };
  const placeholder = (
    { shape, dtype }: Pick<Handle, 'shape' | 'dtype'>,
    name?: string,
  ): string => {
    const attributes = [
      { name: 'dtype', type: real.TF_ATTR_TYPE!, value: dtype },
      { name: 'shape', type: real.TF_ATTR_SHAPE!, value: shape },
    ];
    return add('Placeholder', { inputs: [], attributes }, name);
  };
  /** A tensor from before: `Identity` gives its type and shape, and a handle of our own. */
  const take = (id: number): string => {
    const [handle] = real.executeOp('Identity', [], [id], 1) as [Handle];
    if (constantWeights) {
      const value = { ...handle, values: real.tensorDataSync(handle.id) };
      real.deleteTensor(handle.id);
      return `${add('Const', { inputs: [], attributes: [], value })}:0`;
    }
    const name = placeholder(handle);
    taken.set(name, handle);
    return `${name}:0`;
  };
  const sourceOf = (id: number): string => {
    const name = names.get(id) ?? take(id);
    names.set(id, name);
    return name;
  };

  const observed: Pick<Binding, 'executeOp' | 'createTensor' | 'tensorDataSync'> = {
    executeOp(op, attributes, ids, outputs) {
      const inputs = ids.map(sourceOf);
      const results = real.executeOp(op, attributes, ids, outputs);
      const key = JSON.stringify([op, attributes, inputs]);
      const name = shared.get(key) ?? add(op, { inputs, attributes });
      shared.set(key, name);
      for (const [i, { id }] of results.entries()) names.set(id, `${name}:${i}`);
      return results;
    },
    createTensor(shape, dtype, values) {
      const id = real.createTensor(shape, dtype, values);
      names.set(id, constant({ shape, dtype, values }));
      return id;
    },
    tensorDataSync() {
      throw new Error('a value is read back in the middle');
    },
  };
  backend.binding = new Proxy({} as Binding, {
    get: (_, key) => Reflect.get(key in observed ? observed : real, key),
  });
  const idOf = (tensor: Tensor) => backend.getInputTensorIds([tensor])[0]!;
  try {
    return run({
      nodes,
      taken,
      nameOf: (tensor) => sourceOf(idOf(tensor)),
      input(name, tensor) {
        const id = idOf(tensor);
        const [{ shape, dtype, id: copy }] = real.executeOp('Identity', [], [id], 1) as [Handle];
        real.deleteTensor(copy);
        names.set(id, `${placeholder({ shape, dtype }, name)}:0`);
      },
      beginBackward: () => shared.clear(),
    });
  } catch (error) {
    for (const { id } of taken.values()) real.deleteTensor(id);
    throw error;
  } finally {
    backend.binding = real;
  }
}
