import type { Shape4D } from '../internal/shape';
import type { ModelMetadata } from './model-metadata';

/** The approximate memory of a gradient on the current backend, in bytes. */
export interface MemoryEstimate {
  /** Weights, in the forms that the backend keeps of them. */
  readonly weights: number;
  /** The part that no memory budget reduces. */
  readonly least: number;
  /** Activations that are kept where memory allows: a `memoryBudget` above it changes nothing. */
  readonly kept: number;
  /** Activations that are kept: `memoryBudget`, or what the library would choose now. */
  readonly budget: number;
  /** Weights and activations together, without the backend itself. */
  readonly total: number;
}

/**
 * Estimates the memory of one gradient for images `[batch, height, width, channels]`, from shapes
 * alone: no weight is read and nothing runs.
 *
 * @throws RangeError on wasm where it cannot fit, however small the budget.
 */
export async function estimateMemory(
  { program, parameterCount, inChannels, classes }: ModelMetadata,
  [batch, height, width]: Shape4D,
  options: { memoryBudget?: number } = {},
): Promise<MemoryEstimate> {
  const { memoryBudget } = await import('./graph/memory-budget');
  const { memoryNeed, weightsInUse } = await import('./graph/memory-need');
  const inputs = { x: [height, width, inChannels], t: [], ...(classes > 0 ? { label: [] } : {}) };
  const need = memoryNeed(program, inputs, batch);
  const held = { bytes: 4 * parameterCount, derived: 0 };
  const budget = Math.min(need.kept, memoryBudget(need, held, options.memoryBudget));
  const weights = weightsInUse(held.bytes);
  return { weights, ...need, budget, total: weights + need.least + budget };
}
