import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
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

type Block = readonly Layer[];

/** A block on the way back: its record, or how to make it, and what to free after it. */
interface Passed {
  record(): Recorded[];
  release(): void;
}

/**
 * The value of a program and the gradient in x of `<cotangent, value>`.
 *
 * What the gradient needs is kept while it fits in `budget` bytes; blocks past it keep only their
 * inputs and run again on the way back (gradient checkpointing).
 *
 * Reference: Chen et al., "Training Deep Nets with Sublinear Memory Cost", 2016.
 */
export function runVjp(
  program: CompiledProgram,
  inputs: Values,
  weights: WeightStore,
  cotangent: (output: Tensor) => Tensor,
  budget: number,
): { output: Tensor; gradient: Tensor } {
  return tf.tidy(() => {
    const values = new Map(inputs);
    const passed = forwardBlocks(program, values, weights, budget);
    const output = values.get(program.output)!;
    const gradients: Values = new Map([[program.output, tf.clone(cotangent(output))]]);
    for (const block of passed.reverse()) {
      walkBack(block.record(), gradients, weights, program.onPath);
      block.release();
    }
    return { output, gradient: gradients.get('x')! };
  });
}

/** Values that a block takes from outside. */
const boundaryOf = (block: Block): Set<string> => {
  const own = new Set(block.map(({ name }) => name));
  return new Set(block.flatMap(({ inputs }) => inputs).filter((name) => !own.has(name)));
};

/** What tensors of 32-bit numbers take. */
export const bytesOf = (tensors: Iterable<Tensor>): number =>
  [...tensors].reduce((bytes, { size }) => bytes + 4 * size, 0);

function forwardBlocks(
  program: CompiledProgram,
  values: Values,
  weights: WeightStore,
  budget: number,
): Passed[] {
  const free = freeAfterUse(values, program.uses, [...values.keys()]);
  let left = budget;
  return program.blocks.map((block) => {
    const boundary = boundaryOf(block);
    const borrowed: string[] = [];
    const taken = (name: string) => (boundary.has(name) ? borrowed.push(name) : free(name));
    const recorded = runLayers(block, values, weights, taken);
    const release = () => borrowed.forEach(free);
    const bytes = bytesOf(recorded.flatMap(({ saved }) => saved));
    if (bytes <= left) {
      left -= bytes;
      release();
      return { record: () => recorded, release: () => {} };
    }
    for (const { saved } of recorded) tf.dispose([...saved]);
    return { record: () => runAgain(block, boundary, values, weights), release };
  });
}

/** Records a block from the values at its boundary. */
function runAgain(
  block: Block,
  boundary: ReadonlySet<string>,
  values: Values,
  weights: WeightStore,
): Recorded[] {
  const local: Values = new Map([...boundary].map((name) => [name, values.get(name)!]));
  const recorded = runLayers(
    block,
    local,
    weights,
    freeAfterUse(local, countUses(block), boundary),
  );
  for (const [name, value] of local) if (!boundary.has(name)) value.dispose();
  return recorded;
}

/** Walks recorded layers backwards, adding to the gradients and freeing what was saved. */
function walkBack(
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
