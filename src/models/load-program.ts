import type { io } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkRange } from '../internal/check';
import { checkProgram } from './graph/check-program';
import type { Program } from './graph/layer';
import type { Kind } from './graph/layer-rules';
import { type ProgramFunction, programFunction } from './graph/program-function';
import type { ProgramMetadata } from './model-metadata';

/** A model that was read, with what it says of itself. */
export interface StoredModel {
  /** What errors call it. */
  readonly name: string;
  readonly artifacts: io.ModelArtifacts;
  /** Null for a model that this library did not write. */
  readonly metadata: ProgramMetadata | null;
}

/** Reads a model from the address of its `model.json` or from a handler. */
export async function readModel(
  owner: string,
  source: string | io.IOHandler,
  onProgress?: (fraction: number) => void,
): Promise<StoredModel> {
  const handler = typeof source === 'string' ? findHandler(owner, source, onProgress) : source;
  if (!handler.load) throw new TypeError(`${owner}: source cannot load`);
  const artifacts = await handler.load();
  const metadata = (artifacts.userDefinedMetadata?.spgd ?? null) as ProgramMetadata | null;
  return { name: typeof source === 'string' ? source : owner, artifacts, metadata };
}

function findHandler(
  owner: string,
  url: string,
  onProgress?: (fraction: number) => void,
): io.IOHandler {
  const handlers = tf.io.getLoadHandlers(url, onProgress ? { onProgress } : undefined);
  if (handlers.length > 0) return handlers[0]!;
  const remedy = url.startsWith('file://')
    ? "await useBackend() of 'spgd/node' first"
    : `use https:// or file://${url.includes('://') ? '' : url}, or pass a tf.io handler`;
  throw new Error(`${owner}: nothing loads ${url}: ${remedy}`);
}

/** What the program of a model must be. */
export interface ProgramOptions {
  readonly owner: string;
  readonly inputs: Readonly<Record<string, Kind>>;
  readonly output: Kind;
  /** Bytes of activations kept for the gradient. */
  readonly memoryBudget?: number;
  /** Changes the program once it is checked. */
  readonly change?: (program: Program) => Program;
}

/** The checked program of a model on its weights. */
export function programOf(
  { name, artifacts: { weightSpecs = [], weightData }, metadata }: StoredModel,
  { owner, inputs, output, memoryBudget = 1.5 * 2 ** 30, change = (same) => same }: ProgramOptions,
): ProgramFunction {
  checkRange(metadata?.version === 1, name, 'metadata version', '1', metadata?.version);
  checkRange(memoryBudget >= 0, owner, 'memoryBudget', 'a number of bytes >= 0', memoryBudget);
  const weights = new Set(weightSpecs.map((spec) => spec.name));
  const program = checkProgram(metadata!.program, { weights, inputs, output }, name);
  if (!weightData) throw new Error(`${name}: the model has no weights`);
  const decoded = tf.io.decodeWeights(weightData as ArrayBuffer, weightSpecs);
  return programFunction(change(program), decoded, memoryBudget);
}

/** Refuses a model of another family, naming the command that makes the right one. */
export function checkArchitecture(
  { name, metadata }: StoredModel,
  architecture: string,
  remedy: string,
): void {
  const found = metadata?.architecture;
  if (found === architecture) return;
  const what = typeof found === 'string' ? `a model of the family ${found}` : 'no model of spgd';
  throw new TypeError(`${name}: is ${what}, not ${architecture}: ${remedy}`);
}
