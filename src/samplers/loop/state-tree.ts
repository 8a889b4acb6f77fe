import * as tf from '@tensorflow/tfjs';
import type { StateTree } from '../sampler';

const isTensor = (tree: StateTree): tree is tf.Tensor => tree instanceof tf.Tensor;

/** Every tensor of a tree. */
export function tensorsOf(tree: StateTree): tf.Tensor[] {
  if (isTensor(tree)) return [tree];
  if (typeof tree === 'number') return [];
  return Object.values(tree).flatMap(tensorsOf);
}

/** A copy of a tree that owns its tensors. */
export function cloneTree<T extends StateTree>(tree: T): T {
  const copy = (part: StateTree): StateTree => {
    if (isTensor(part)) return tf.clone(part);
    if (typeof part === 'number') return part;
    if (Array.isArray(part)) return part.map(copy);
    return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, copy(value)]));
  };
  return copy(tree) as T;
}

/** Disposes the tensors of a tree, except those that another tree holds as well. */
export function disposeTree(tree: StateTree, except: StateTree = []): void {
  const shared = new Set(tensorsOf(except));
  for (const tensor of tensorsOf(tree)) if (!shared.has(tensor)) tensor.dispose();
}
