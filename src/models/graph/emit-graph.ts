import type { io } from '@tensorflow/tfjs';
import { graphBuilder, type NodeDef, type WeightData } from './graph-builder';
import type { Layer, Program } from './layer';
import { ops } from './ops';

/** A TensorFlow graph in JSON with its signature, and the constants it holds. */
export interface EmittedGraph {
  readonly topology: { node: readonly NodeDef[]; versions: object };
  readonly signature: io.ModelArtifacts['signature'];
  readonly constants: readonly WeightData[];
}

/** Writes a program as plain TensorFlow nodes with constant shapes, batch free. */
export function emitGraph(
  program: Program,
  { size: [height, width], inChannels }: { size: readonly [number, number]; inChannels: number },
): EmittedGraph {
  const graph = graphBuilder();
  graph.placeholder('x', [height, width, inChannels]);
  graph.placeholder('t', []);
  const layers: readonly Layer[] = program.blocks.flat();
  const conditioned = layers.some(({ inputs }) => inputs.includes('label'));
  if (conditioned) graph.placeholder('label', [], 'DT_INT32');
  for (const layer of layers) ops[layer.op].emit(layer, graph);

  const info = (name: string, dtype: string) => ({
    name: `${name}:0`,
    dtype,
    tensorShape: { dim: [-1, ...graph.shapeOf(name)].map((size) => ({ size: String(size) })) },
  });
  const inputs = {
    x: info('x', 'DT_FLOAT'),
    t: info('t', 'DT_FLOAT'),
    ...(conditioned ? { label: info('label', 'DT_INT32') } : {}),
  };
  return {
    topology: { node: graph.nodes, versions: { producer: 1882 } },
    signature: { inputs, outputs: { output: info(program.output, 'DT_FLOAT') } },
    constants: graph.constants,
  };
}
