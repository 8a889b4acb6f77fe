import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import type { PassRecorder, RecordedPasses } from '../../../models/graph/pass-recorder';
import { linearized } from '../../../models/linearized';
import { firstLine } from '../../input-error';
import { nativeBackend } from './binding';
import { type RecordedGraph, recordGraph } from './recorded-graph';
import { loadSession, savedModelBytes } from './saved-model';

/** How a session gets what the passes share. */
export interface SessionOptions {
  /** The name or the path of tfjs-node. */
  readonly tfjsNode: string;
  /**
   * For a card, on which an input or output of a session is a copy between card and host: weights are
   * constants of the graph, and the backward pass recomputes the forward pass.
   */
  readonly onCard: boolean;
  /**
   * Elements of a result from which on XLA compiles element-wise operations that belong together.
   * @default 2^20, on a card never
   */
  readonly fuseFrom?: number;
}

/** A kernel takes 0.05 s to compile. */
const worthCompiling = 2 ** 20;

type Fed = readonly (readonly [name: string, id: number])[];

/** Both passes of a recorded graph by a session. */
function sessionPasses(graph: RecordedGraph, { tfjsNode, onCard }: SessionOptions): RecordedPasses {
  const { binding } = nativeBackend();
  const session = loadSession(savedModelBytes(graph, tfjsNode));
  const weights: Fed = [...graph.weights].map(([name, { id }]) => [name, id]);
  const fed = (names: readonly string[], tensors: readonly Tensor[]): Fed => {
    const ids = nativeBackend().getInputTensorIds(tensors);
    return names.map((name, i) => [name, ids[i]!]);
  };
  const run = (inputs: Fed, outputs: readonly string[]): Tensor[] => {
    const all = [...inputs, ...weights];
    const names = all.map(([name]) => (name.includes(':') ? name : `${name}:0`));
    const ids = all.map(([, id]) => id);
    const results = binding.runSavedModel(session, ids, names.join(), outputs.join());
    return results.map((handle) => nativeBackend().createOutputTensor(handle));
  };
  const kept = onCard ? [] : graph.kept;
  const again = onCard ? graph.inputs : graph.inputsAgain;
  return {
    forward: (inputs) => run(fed(graph.inputs, inputs), [graph.output])[0]!,
    linearize: (inputs) =>
      linearized((keep) => {
        const [output, ...values] = run(fed(graph.inputs, inputs), [graph.output, ...kept]);
        for (const value of values) keep(value);
        const copies = again.map((name) => keep(inputs[graph.inputs.indexOf(name)]!.clone()));
        const backward = (cotangent: Tensor): Tensor4D => {
          const inner = [...fed(again, copies), ...fed(kept, values)];
          return run(
            [...fed([graph.cotangent], [cotangent]), ...inner],
            [graph.gradient],
          )[0] as Tensor4D;
        };
        return { output: output!, backward };
      }),
    dispose() {
      binding.deleteSavedModel(session);
      for (const [, id] of weights) binding.deleteTensor(id);
    },
  };
}

/** Records passes as a graph of TensorFlow, and runs each by one call of a session. */
export function sessionRecorder(options: SessionOptions): PassRecorder {
  let warned = false;
  return {
    record(inputs, linearize) {
      try {
        const { onCard, fuseFrom = onCard ? Number.POSITIVE_INFINITY : worthCompiling } = options;
        return sessionPasses(
          recordGraph(inputs, linearize, { constantWeights: onCard, fuseFrom }),
          options,
        );
      } catch (error) {
        const text = `spgd: runs layer by layer, since TensorFlow takes no graph: ${firstLine(error)}`;
        if (!warned) console.warn(text);
        warned = true;
        return undefined;
      }
    },
  };
}
