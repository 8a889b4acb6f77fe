import type { io } from '@tensorflow/tfjs';
import { graphBuilder, type NodeDef, type WeightData } from './graph-builder';
import type { Program } from './layer';
import { ops } from './ops';

/** A TensorFlow graph in JSON with its signature, and the constants it holds. */
export interface EmittedGraph {
  readonly topology: { node: readonly NodeDef[]; versions: object };
  readonly signature: io.ModelArtifacts['signature'];
  readonly constants: readonly WeightData[];
}

/** The inputs of a graph by name: the shape of each, without the batch. */
export type GraphInputs = Readonly<Record<string, readonly number[]>>;

const typeOf = (input: string) => (input === 'label' ? 'DT_INT32' : 'DT_FLOAT');

/** Writes a program as plain TensorFlow nodes with constant shapes, batch free. */
export function emitGraph(program: Program, inputs: GraphInputs): EmittedGraph {
  const graph = graphBuilder();
  for (const [name, shape] of Object.entries(inputs)) graph.placeholder(name, shape, typeOf(name));
  for (const layer of program.blocks.flat()) ops[layer.op].emit(layer, graph);

  const info = (name: string, dtype: string) => ({
    name: `${name}:0`,
    dtype,
    tensorShape: { dim: [-1, ...graph.shapeOf(name)].map((size) => ({ size: String(size) })) },
  });
  const described = Object.keys(inputs).map((name) => [name, info(name, typeOf(name))] as const);
  return {
    topology: { node: graph.nodes, versions: { producer: 1882 } },
    signature: {
      inputs: Object.fromEntries(described),
      outputs: { output: info(program.output, 'DT_FLOAT') },
    },
    constants: graph.constants,
  };
}
