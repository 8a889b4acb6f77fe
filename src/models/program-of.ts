import type { io } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkRange } from '../internal/check';
import { checkWasmMemory } from '../internal/wasm-memory';
import { bfloat16IsFaster } from './graph/bfloat16';
import { checkProgram } from './graph/check-program';
import type { Program } from './graph/layer';
import type { Kind } from './graph/layer-rules';
import type { Precision } from './graph/op';
import { type ProgramFunction, programFunction } from './graph/program-function';
import type { StoredModel } from './read-model';

/** What the program of a model must take and make, and how it runs. */
export interface ProgramOptions {
  readonly owner: string;
  readonly inputs: Readonly<Record<string, Kind>>;
  readonly output: Kind;
  /** Bytes of activations kept for the gradient. */
  readonly memoryBudget?: number;
  /** The numbers that convolutions compute in. */
  readonly precision?: Precision | 'auto';
  /** Changes the program once it is checked. */
  readonly change?: (program: Program) => Program;
}

/** Bytes of each weight, and of the copy that its kernel makes. */
const twice = (specs: readonly io.WeightsManifestEntry[]): number[] =>
  specs.map(({ shape }) => 4 * tf.util.sizeFromShape(shape)).flatMap((bytes) => [bytes, bytes]);

/** What was asked for, or the faster one. Rejects what the backend lacks. */
function precisionOf(owner: string, precision: Precision | 'auto'): Precision {
  const isKnown = ['float32', 'bfloat16', 'auto'].includes(precision);
  checkRange(isKnown, owner, 'precision', 'float32, bfloat16 or auto', precision);
  const name = tf.getBackend();
  if (precision === 'auto')
    return name === 'tensorflow' && bfloat16IsFaster() ? 'bfloat16' : 'float32';
  const rule = `float32 on the backend ${name}: only native TensorFlow has bfloat16`;
  checkRange(precision === 'float32' || name === 'tensorflow', owner, 'precision', rule, precision);
  return precision;
}

/** The checked program of a model on its weights. */
export function programOf(
  { name, artifacts: { weightSpecs = [], weightData }, metadata }: StoredModel,
  {
    owner,
    inputs,
    output,
    memoryBudget,
    precision = 'float32',
    change = (same) => same,
  }: ProgramOptions,
): ProgramFunction {
  checkRange(metadata?.version === 1, name, 'metadata version', '1', metadata?.version);
  const valid = memoryBudget === undefined || memoryBudget >= 0;
  checkRange(valid, owner, 'memoryBudget', 'a number of bytes >= 0', memoryBudget);
  const chosen = precisionOf(owner, precision);
  const weights = new Set(weightSpecs.map((spec) => spec.name));
  const program = checkProgram(metadata!.program, { weights, inputs, output }, name);
  if (!weightData) throw new Error(`${name}: the model has no weights`);
  checkWasmMemory(owner, twice(weightSpecs));
  const decoded = tf.io.decodeWeights(weightData as ArrayBuffer, weightSpecs);
  return programFunction(change(program), decoded, { memoryBudget, precision: chosen });
}
