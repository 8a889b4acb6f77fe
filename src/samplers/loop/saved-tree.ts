import * as tf from '@tensorflow/tfjs';
import type { StateTree } from '../sampler';

/**
 * A state tree as JSON: `{ t: i }` is tensor i, `{ n: text }` a number (JSON has no NaN and no -0),
 * `{ o: [[key, tree], …] }` an object, and a list is a list.
 */
export type SavedTree =
  | { readonly t: number }
  | { readonly n: string }
  | { readonly o: readonly (readonly [string, SavedTree])[] }
  | readonly SavedTree[];

/** No sampler nests deeper; a hostile file must not exhaust the stack. */
const deepest = 32;

/** Writes a tree down; `put` takes a tensor and gives its number. */
export function savedTree(tree: StateTree, put: (tensor: tf.Tensor) => number): SavedTree {
  if (tree instanceof tf.Tensor) return { t: put(tree) };
  if (typeof tree === 'number') return { n: Object.is(tree, -0) ? '-0' : String(tree) };
  if (Array.isArray(tree)) return tree.map((part) => savedTree(part, put));
  return { o: Object.entries(tree).map(([key, part]) => [key, savedTree(part, put)] as const) };
}

/** Reads a tree back; it is refused, by `fail`, unless it uses each tensor once. */
export function parseTree(
  saved: SavedTree,
  tensors: readonly tf.Tensor[],
  fail: (rule: string) => Error,
): StateTree {
  const left = new Map(tensors.entries());
  const refuse = () => fail('its description is not a state');
  const take = (index: number): tf.Tensor => {
    const tensor = left.get(index);
    if (!tensor) throw refuse();
    left.delete(index);
    return tensor;
  };
  const parse = (part: SavedTree, depth: number): StateTree => {
    if (depth > deepest || typeof part !== 'object' || part === null) throw refuse();
    if (Array.isArray(part)) return part.map((one) => parse(one, depth + 1));
    if ('t' in part) return take(part.t);
    if ('n' in part && typeof part.n === 'string') return Number(part.n);
    if (!('o' in part) || !Array.isArray(part.o)) throw refuse();
    const entries = part.o.map((entry: unknown) => {
      if (!Array.isArray(entry) || typeof entry[0] !== 'string') throw refuse();
      return [entry[0], parse(entry[1], depth + 1)] as const;
    });
    return Object.fromEntries(entries);
  };
  const tree = parse(saved, 0);
  if (left.size > 0) throw refuse();
  return tree;
}
