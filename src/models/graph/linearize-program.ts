import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { linearized } from '../linearized';
import type { LinearizedNetwork } from '../network';
import { type CompiledProgram, countUses } from './compile-program';
import type { Layer } from './layer';
import { ops } from './ops';
import {
  freeAfterUse,
  type Recorded,
  runLayers,
  type Values,
  type WeightStore,
} from './run-forward';
import { share } from './share';

type Block = readonly Layer[];

/** A block after the forward pass: its record, or the values at its boundary to recompute it. */
interface PassedBlock {
  /** What the forward pass saved for the gradient, where the budget allowed. */
  readonly saved: readonly Tensor[];
  record(): Recorded[];
  /** Frees the values at the boundary that no other block needs. */
  release(): void;
}

/**
 * Runs a program and keeps what the gradient in x needs, within `budget` bytes; blocks past it keep
 * only their inputs and are recomputed in `backward` (gradient checkpointing).
 *
 * Reference: Chen et al., "Training Deep Nets with Sublinear Memory Cost", 2016.
 */
export const linearizeProgram = (
  program: CompiledProgram,
  inputs: Values,
  weights: WeightStore,
  budget: number,
): LinearizedNetwork<Tensor> =>
  linearized((keep) => {
    const values: Values = new Map([...inputs].map(([name, input]) => [name, share(input)]));
    const blocks = forwardBlocks(program, values, weights, budget);
    const output = share(values.get(program.output)!);
    for (const value of values.values()) keep(value);
    for (const value of blocks.flatMap(({ saved }) => saved)) keep(value);
    const backward = (cotangent: Tensor): Tensor4D => {
      const gradients: Values = new Map([[program.output, share(cotangent)]]);
      for (const block of blocks.reverse()) {
        backwardBlock(block.record(), gradients, weights, program.onPath);
        block.release();
      }
      return gradients.get('x') as Tensor4D;
    };
    return { output, backward };
  });

/** Values that a block takes from outside. */
const boundaryOf = (block: Block): Set<string> => {
  const own = new Set(block.map(({ name }) => name));
  return new Set(block.flatMap(({ inputs }) => inputs).filter((name) => !own.has(name)));
};

/** The bytes of tensors of 32-bit numbers. */
export const bytesOf = (tensors: Iterable<Tensor>): number =>
  [...tensors].reduce((bytes, { size }) => bytes + 4 * size, 0);

function forwardBlocks(
  program: CompiledProgram,
  values: Values,
  weights: WeightStore,
  budget: number,
): PassedBlock[] {
  const free = freeAfterUse(values, program.uses, []);
  let left = budget;
  return program.blocks.map((block) => {
    const boundary = boundaryOf(block);
    const borrowed: string[] = [];
    const taken = (name: string) => (boundary.has(name) ? borrowed.push(name) : free(name));
    const recorded = runLayers(block, values, weights, taken);
    const release = () => borrowed.forEach(free);
    const saved = recorded.flatMap((layer) => layer.saved);
    const bytes = bytesOf(saved);
    if (bytes <= left) {
      left -= bytes;
      release();
      return { saved, record: () => recorded, release: () => {} };
    }
    tf.dispose(saved);
    return { saved: [], record: () => recompute(block, boundary, values, weights), release };
  });
}

/** Records a block from the values at its boundary. */
function recompute(
  block: Block,
  boundary: ReadonlySet<string>,
  values: Values,
  weights: WeightStore,
): Recorded[] {
  const local: Values = new Map([...boundary].map((name) => [name, values.get(name)!]));
  const free = freeAfterUse(local, countUses(block), boundary);
  const recorded = runLayers(block, local, weights, free);
  for (const [name, value] of local) if (!boundary.has(name)) value.dispose();
  return recorded;
}

/** Goes through recorded layers backwards, adds to the gradients and frees what was saved. */
function backwardBlock(
  recorded: readonly Recorded[],
  gradients: Values,
  weights: WeightStore,
  onPath: ReadonlySet<string>,
): void {
  for (const { layer, saved, shapes } of [...recorded].reverse()) {
    const dy = gradients.get(layer.name);
    if (!dy) continue; // free of x, or no part of the output
    gradients.delete(layer.name);
    const { backward } = ops[layer.op];
    const parts = tf.tidy(() => [...backward!(layer, dy, saved, weights(layer), shapes)]);
    tf.dispose([dy, ...saved]);
    const inputs = layer.inputs.filter((name) => onPath.has(name));
    for (const [i, name] of inputs.entries()) accumulate(gradients, name, parts[i]!);
  }
}

function accumulate(gradients: Values, name: string, part: Tensor): void {
  const known = gradients.get(name);
  gradients.set(name, known ? tf.add(known, part) : part);
  if (known) tf.dispose([known, part]);
}
