import type { Layer, Program } from './layer';
import { type Kind, kindOf } from './layer-rules';
import { ops } from './ops';

/** What a program from a file may use, and must make. */
interface Available {
  /** Names of the weights stored with it. */
  readonly weights: ReadonlySet<string>;
  /** Its inputs by name, x included. */
  readonly inputs: Readonly<Record<string, Kind>>;
  /** What it must make. */
  readonly output: Kind;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const strings = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((part) => typeof part === 'string');

const largest = 1e6;
const isAttribute = (value: unknown) => typeof value === 'number' && Math.abs(value) <= largest;

/** A name for an error text; anything but text shows as its type. */
const show = (name: unknown): string => (typeof name === 'string' ? name : typeof name);

/** The kind of value that a layer from a file makes, or why it cannot run. */
function check(
  layer: Layer,
  known: ReadonlyMap<string, Kind>,
  weights: Available['weights'],
): { kind: Kind } | { fault: string } {
  if (!isRecord(layer) || typeof layer.name !== 'string') return { fault: 'is not a layer' };
  if (known.has(layer.name)) return { fault: 'appears twice' };
  if (typeof layer.op !== 'string' || !Object.hasOwn(ops, layer.op)) {
    return { fault: `has the unknown operation ${show(layer.op)}` };
  }
  if (!strings(layer.inputs)) return { fault: 'has no list of inputs' };
  const missing = layer.inputs.find((name) => !known.has(name));
  if (missing !== undefined) return { fault: `takes ${missing}, which no earlier layer makes` };
  const lost = Object.values(layer.weights ?? {}).find((name) => !weights.has(name));
  if (lost !== undefined) return { fault: `needs the weight ${show(lost)}, which the model lacks` };
  const numbers = Object.values(layer.attributes ?? {}).every(isAttribute);
  if (!numbers) return { fault: `has an attribute that is not a number of at most ${largest}` };
  return kindOf(
    layer,
    layer.inputs.map((name) => known.get(name)!),
  );
}

/**
 * Checks a program from a file: known operations, values of the right kind that earlier layers make,
 * weights that exist. Nothing but those operations can run.
 *
 * @throws Error naming the model, the layer and the fault.
 */
export function checkProgram(program: unknown, available: Available, model: string): Program {
  const refuse = (what: string): never => {
    throw new Error(`${model}: the program in model.json ${what}`);
  };
  const valid =
    isRecord(program) && Array.isArray(program.blocks) && program.blocks.every(Array.isArray);
  if (!valid) refuse('is not a list of blocks');
  const { blocks, output } = program as unknown as Program;
  const known = new Map(Object.entries(available.inputs));
  for (const layer of blocks.flat()) {
    const result = check(layer, known, available.weights);
    if ('fault' in result) refuse(`cannot run: layer ${show(layer?.name)} ${result.fault}`);
    else known.set(layer.name, result.kind);
  }
  if (output === 'x' || known.get(output) !== available.output) {
    refuse(`makes no ${available.output} named ${show(output)}`);
  }
  return { blocks, output };
}
