import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';

/** What a recorder does with operations while it records them. */
export interface Hooks {
  /** Elements of a map from which on a kernel is worth the time to compile it. */
  readonly fuseFrom: number;
  /** Makes one kernel of the operations of `run`. */
  fuse<T extends Tensor>(run: () => T): T;
  /** Executes the operations of `run` at once. */
  untraced<T>(run: () => T): T;
}

// The entries of the package share no module in CommonJS, but they share the backend.
const key = Symbol.for('spgd.hooks');

type Offering = { [key]?: Hooks | undefined };

/** Gives the present backend hooks, or takes them away. */
export const offerHooks = (hooks: Hooks | undefined): void => {
  (tf.backend() as Offering)[key] = hooks;
};

const hooks = (): Hooks | undefined => (tf.backend() as Offering)[key];

/** Whether operations on such a map become one kernel. */
export const fuses = ({ size }: Tensor): boolean => size >= (hooks()?.fuseFrom ?? Infinity);

/** Runs operations on maps such as `like`, element by element, in a tidy: as one kernel where the backend can. */
export function fused<T extends Tensor>(like: Tensor, run: () => T): T {
  const inTidy = () => tf.tidy(run);
  return fuses(like) ? hooks()!.fuse(inTidy) : inTidy();
}

/** Makes what outlives a recording. */
export const untraced = <T>(make: () => T): T => hooks()?.untraced(make) ?? make();
