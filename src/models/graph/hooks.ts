import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';

/** What a recorder does with operations while it records them. */
export interface Hooks {
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

/** Runs element-wise operations in a tidy, as one kernel where the backend can. */
export function fused<T extends Tensor>(run: () => T): T {
  const inTidy = () => tf.tidy(run);
  return hooks()?.fuse(inTidy) ?? inTidy();
}

/** Makes what outlives a recording. */
export const untraced = <T>(make: () => T): T => hooks()?.untraced(make) ?? make();
