import { fileError } from './file-error';
import type { PickledStorage, PickleValue } from './pickle-value';

/** What every part of the unpickler needs: a way to fail, and a budget. */
export interface PickleContext {
  /** The error for this file. */
  fail(sentence: string): Error;
  /** Counts work; beyond the budget it throws, so that a small hostile file ends soon. */
  spend(work: number): void;
  /** The storages met so far, by key. */
  readonly storages: Map<string, PickledStorage>;
}

/** Makes a value from the arguments that a pickle gives to a Python function. */
export type Builder = (args: readonly PickleValue[], context: PickleContext) => PickleValue;

// A checkpoint spends about 40 a tensor: this is enough for 100 000 tensors, and for 1 GB at most.
const BUDGET = 4_000_000;

/** The context of one file. */
export function pickleContext(file: { readonly name: string }): PickleContext {
  let left = BUDGET;
  const fail = (sentence: string) => fileError(file, sentence);
  return {
    fail,
    storages: new Map(),
    spend: (work) => {
      left -= work;
      if (left < 0) throw fail(`its pickle takes more than ${BUDGET} steps`);
    },
  };
}
