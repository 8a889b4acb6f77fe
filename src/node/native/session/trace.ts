import type { Tensor } from '@tensorflow/tfjs';
import { type Hooks, offerHooks } from '../../../models/graph/hooks';
import { type Binding, type Handle, type NativeBackend, nativeBackend } from './binding';
import { functionOf } from './fused-function';
import { type Known, resultsOf } from './result-shapes';
import type { FusedFunction, TracedNode } from './traced-node';

/** How operations become a graph. */
export interface TraceOptions {
  /** Whether tensors from before the trace become constants. */
  readonly constantWeights: boolean;
  /** Elements of a result from which on element-wise operations that belong together become one kernel. */
  readonly fuseFrom: number;
}

/** Values that are not computed have numbers from here on. */
const firstId = 2 ** 30;

/** Operations under observation. */
export interface Trace {
  readonly nodes: readonly TracedNode[];
  /** What nodes call. */
  readonly functions: Iterable<FusedFunction>;
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
 * Sees to it that tensors from before, which wait for their first use, are uploaded as always. Returns what
 * undoes that.
 */
function uploadFromBefore(backend: NativeBackend, untraced: Hooks['untraced']): () => void {
  const { move, getInputTensorIds } = backend;
  const own = new WeakSet<object>();
  backend.move = (dataId, ...rest) => {
    own.add(dataId);
    move.call(backend, dataId, ...rest);
  };
  backend.getInputTensorIds = (tensors) =>
    tensors.map((tensor) => {
      const [id] = own.has(tensor.dataId)
        ? getInputTensorIds.call(backend, [tensor])
        : untraced(() => getInputTensorIds.call(backend, [tensor]));
      return id!;
    });
  return () => Object.assign(backend, { move, getInputTensorIds });
}

/**
 * Observes the operations that `run` asks of native TensorFlow, none of which is executed. Operations that are
 * the same are one node.
 *
 * @throws Error where a value is read back, or the shape of a result is not known.
 */
export function traced<T>(
  run: (trace: Trace) => T,
  { constantWeights, fuseFrom }: TraceOptions,
): T {
  const backend = nativeBackend();
  const real = backend.binding;
  const nodes: TracedNode[] = [];
  const names = new Map<number, string>();
  const taken = new Map<string, Handle>();
  const constants = new Map<string, string>();
  const shared = new Map<string, string>();
  const functions = new Map<string, FusedFunction>();
  const known = new Map<number, Known>();
  // TensorFlow makes one operation of a convolution and `BiasAdd`, not of one and `Add`.
  const convolutions = new Set<string>();
  let count = 0;
  let isBackward = false;

  const add = (op: string, rest: Omit<TracedNode, 'op' | 'name'>, name = `n${count++}`) => {
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
  const shapeOf = (id: number): Known => {
    const [{ shape, dtype, id: copy }] = real.executeOp('Identity', [], [id], 1) as [Handle];
    real.deleteTensor(copy);
    known.set(id, { shape, dtype });
    return { shape, dtype };
  };
  /** A tensor from before: `Identity` gives its type and shape, and a handle of our own. */
  const take = (id: number): string => {
    const [handle] = real.executeOp('Identity', [], [id], 1) as [Handle];
    known.set(id, { shape: handle.shape, dtype: handle.dtype });
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
  const made = (value: Known, name: string): Handle => {
    const id = firstId + known.size;
    known.set(id, value);
    names.set(id, name);
    return { ...value, id };
  };

  /**
   * TensorFlow also makes one operation of a convolution, its `BiasAdd`, `Sigmoid` and `Mul`, and then lacks the
   * value between, which may be an output of the session.
   */
  const keepApart = (value: string) => {
    const at = nodes.findIndex(({ name, op }) => op === 'BiasAdd' && `${name}:0` === value);
    if (at >= 0) nodes[at] = { ...nodes[at]!, op: 'Add' };
  };

  const observed: Pick<Binding, 'executeOp' | 'createTensor' | 'deleteTensor' | 'tensorDataSync'> =
    {
      executeOp(op, attributes, ids) {
        const inputs = ids.map(sourceOf);
        const values = ids.map((id) => known.get(id)!);
        const results = resultsOf(op, attributes, values);
        const key = JSON.stringify([op, attributes, inputs]);
        const isBias =
          op === 'Add' && convolutions.has(inputs[0]!) && values[1]!.shape.length === 1;
        const name = shared.get(key) ?? add(isBias ? 'BiasAdd' : op, { inputs, attributes });
        if (op === 'Conv2D') convolutions.add(`${name}:0`);
        if (op === 'Sigmoid') keepApart(inputs[0]!);
        shared.set(key, name);
        return results.map((result, i) => made(result, `${name}:${i}`));
      },
      createTensor: (shape, dtype, values) => {
        const value = { shape, dtype, values };
        return made(value, constant(value)).id;
      },
      deleteTensor(id) {
        if (id < firstId) real.deleteTensor(id);
      },
      tensorDataSync() {
        throw new Error('a value is read back in the middle');
      },
    };
  const tracing = new Proxy({} as Binding, {
    get: (_, key) => Reflect.get(key in observed ? observed : real, key),
  });
  const untraced: Hooks['untraced'] = (run) => {
    backend.binding = real;
    try {
      return run();
    } finally {
      backend.binding = tracing;
    }
  };
  const restore = uploadFromBefore(backend, untraced);
  const idOf = (tensor: Tensor) => backend.getInputTensorIds([tensor])[0]!;
  /** A concatenation of the forward pass need not be kept for the backward pass: its parts are. */
  const repeats = (input: string) =>
    nodes.find(
      ({ name, op }) => name === input && (op === 'Const' || (isBackward && op === 'ConcatV2')),
    );
  /** Runs operations, and makes one node of those that they add. */
  const fuse: Hooks['fuse'] = (operations) => {
    const start = nodes.length;
    const result = operations();
    const added = nodes.slice(start);
    const body = functionOf(
      added.filter(({ op }) => op !== 'Placeholder'),
      sourceOf(idOf(result)),
      repeats,
    );
    if (!body) return result;
    const { taken: inputs, ...rest } = body;
    const key = JSON.stringify(rest);
    const calls = functions.get(key) ?? { name: `fused${functions.size}`, ...rest };
    functions.set(key, calls);
    const left = added.filter(({ op }) => op === 'Const' || op === 'Placeholder');
    nodes.splice(start, added.length, ...left);
    for (const [operation, name] of shared)
      if (added.some((node) => node.name === name && !left.includes(node)))
        shared.delete(operation);
    names.set(idOf(result), `${add('PartitionedCall', { inputs, attributes: [], calls })}:0`);
    return result;
  };
  try {
    backend.binding = tracing;
    offerHooks({ fuseFrom, fuse, untraced });
    return run({
      nodes,
      functions: functions.values(),
      taken,
      nameOf: (tensor) => sourceOf(idOf(tensor)),
      input(name, tensor) {
        const id = idOf(tensor);
        const { shape, dtype } = known.get(id) ?? shapeOf(id);
        names.set(id, `${placeholder({ shape, dtype }, name)}:0`);
      },
      beginBackward() {
        shared.clear();
        isBackward = true;
      },
    });
  } catch (error) {
    for (const { id } of taken.values()) real.deleteTensor(id);
    throw error;
  } finally {
    backend.binding = real;
    restore();
    offerHooks(undefined);
  }
}
