import * as tf from '@tensorflow/tfjs';
import { type GraphBuilder, graphBuilder } from './graph-builder';
import type { Layer, OpName, Program } from './layer';
import { ops } from './ops';
import { keepsTransformed } from './winograd';

/** The memory of a gradient besides the weights, in bytes. */
export interface MemoryNeed {
  /** The part that no memory budget reduces: the inputs of blocks, and a layer at its peak. */
  readonly least: number;
  /** The activations kept for the gradient where the budget allows. */
  readonly kept: number;
}

/** Maps as large as its input that a layer holds at its peak, about. */
export const mapsAtOnce = 8;

/** Matrices `[pixels, pixels]` that the gradient of attention holds for each head. */
const matricesAtOnce = 6;

/** Operations that keep a map for their gradient, about as large as their input; vectors need none. */
const keeping: ReadonlySet<OpName> = new Set([
  ...(['attention', 'groupNorm', 'maxPool', 'relu', 'silu', 'tanh'] as const),
]);

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** Shapes of the inputs of a program without their batch, by name. */
export type InputShapes = Readonly<Record<string, readonly number[]>>;

/** The memory of a gradient of a program, from shapes alone: nothing runs. */
export function memoryNeed(program: Program, inputs: InputShapes, batch: number): MemoryNeed {
  const graph = graphBuilder();
  for (const [name, shape] of Object.entries(inputs)) graph.placeholder(name, shape);
  const layers = program.blocks.flat();
  for (const layer of layers) ops[layer.op].emit(layer, graph);

  const bytes = (name: string) => 4 * tf.util.sizeFromShape([...graph.shapeOf(name)]);
  const maps = (layer: Layer) => Math.max(...[...layer.inputs, layer.name].map(bytes));
  const held = layers.map((layer) => mapsAtOnce * maps(layer) + scores(layer, graph));
  const ends = program.blocks.map((block) => bytes(block.at(-1)!.name));
  const isMap = (name: string) => graph.shapeOf(name).length === 3;
  const kept = layers
    .filter(({ op, inputs: [first] }) => keeping.has(op) && isMap(first!))
    .map((layer) => bytes(layer.inputs[0]!));
  return { least: batch * (Math.max(...held) + sum(ends)), kept: batch * sum(kept) };
}

/** Bytes of the matrices of attention; on wasm one head is computed at a time. */
function scores({ op, inputs, attributes }: Layer, graph: GraphBuilder): number {
  if (op !== 'attention') return 0;
  const [height, width] = graph.shapeOf(inputs[0]!) as [number, number, number];
  const heads = tf.getBackend() === 'wasm' ? 1 : attributes!.heads!;
  return 4 * matricesAtOnce * heads * (height * width) ** 2;
}

/**
 * Bytes that weights of `bytes` take in use. On wasm each is also kept as its kernel packs it, and both
 * once more flipped for the gradient; or all four transformed, twice as large, beside the weights.
 */
export function weightsInUse(bytes: number): number {
  if (tf.getBackend() !== 'wasm') return bytes;
  return keepsTransformed(bytes) ? 9 * bytes : 4 * bytes;
}
