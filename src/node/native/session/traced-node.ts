import type { Attribute, Handle } from './binding';

/** An operation. Inputs are `name:output`, and `^name` for one that must run before. */
export interface TracedNode {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly string[];
  readonly attributes: readonly Attribute[];
  /** The value of a constant. */
  readonly value?: Pick<Handle, 'shape' | 'dtype'> & { readonly values: ArrayLike<number> };
  /** The function that it calls. */
  readonly calls?: FusedFunction;
}

/** Element-wise operations that XLA compiles into one kernel. */
export interface FusedFunction {
  readonly name: string;
  /** Its inputs are called `a0`, `a1`, … */
  readonly inputs: number;
  readonly body: readonly TracedNode[];
  /** The value in the body that it gives. */
  readonly output: string;
}
