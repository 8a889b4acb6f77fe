import type { Layer, Program } from './layer';
import { ops } from './ops';

type Weights = ReadonlySet<string>;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const strings = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((part) => typeof part === 'string');

/** Why a layer from a file cannot be run, or nothing. */
function fault(layer: Layer, known: ReadonlySet<string>, weights: Weights): string | undefined {
  if (!isRecord(layer) || typeof layer.name !== 'string') return 'is not a layer';
  if (known.has(layer.name)) return 'appears twice';
  if (!Object.hasOwn(ops, layer.op)) return `has the unknown operation ${String(layer.op)}`;
  if (!strings(layer.inputs)) return 'has no list of inputs';
  const missing = layer.inputs.find((name) => !known.has(name));
  if (missing !== undefined) return `takes ${missing}, which no earlier layer makes`;
  const lost = Object.values(layer.weights ?? {}).find((name) => !weights.has(name));
  if (lost !== undefined) return `needs the weight ${String(lost)}, which the model lacks`;
  const numbers = Object.values(layer.attributes ?? {}).every(Number.isFinite);
  return numbers ? undefined : 'has an attribute that is not a number';
}

/**
 * Checks a program from a file: known operations, values made before they are taken, weights that
 * exist. What it holds beyond that cannot run anything but those operations.
 *
 * @throws Error naming the model, the layer and the fault.
 */
export function checkProgram(program: unknown, weights: Weights, model: string): Program {
  const refuse = (what: string): never => {
    throw new Error(`${model}: the program in model.json ${what}`);
  };
  const valid =
    isRecord(program) && Array.isArray(program.blocks) && program.blocks.every(Array.isArray);
  if (!valid) refuse('is not a list of blocks');
  const { blocks, output } = program as unknown as Program;
  const known = new Set(['x', 't', 'label']);
  for (const layer of blocks.flat()) {
    const reason = fault(layer, known, weights);
    if (reason) refuse(`cannot run: layer ${String(layer?.name)} ${reason}`);
    known.add(layer.name);
  }
  if (!known.has(output)) refuse(`has no value named ${String(output)}`);
  return { blocks, output };
}
