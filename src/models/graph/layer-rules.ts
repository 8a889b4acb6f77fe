import type { Layer, OpName } from './layer';

/** What a value is: an image, a vector of each item, or one of the other two inputs. */
export type Kind = 'image' | 'vector' | 'time' | 'label';

/** What a layer of an operation must hold. Images depend on x, and nothing else does. */
interface LayerRule {
  readonly inputs: readonly Kind[];
  /** A further input that may be left out. */
  readonly optional?: Kind;
  readonly output: Kind;
  readonly weights?: readonly string[];
  readonly attributes?: readonly string[];
}

const image = { inputs: ['image'], output: 'image' } as const;

const rules: Readonly<Record<OpName, LayerRule>> = {
  add: { inputs: ['image', 'image'], output: 'image' },
  addVector: { inputs: ['image', 'vector'], output: 'image' },
  attention: { ...image, attributes: ['heads'] },
  concat: { inputs: ['image', 'image'], output: 'image', attributes: ['first'] },
  conv2d: { ...image, weights: ['filter', 'bias'] },
  dense: { inputs: ['vector'], output: 'vector', weights: ['kernel', 'bias'] },
  downsample: image,
  groupNorm: { ...image, optional: 'vector', weights: ['gamma', 'beta'], attributes: ['groups'] },
  lookup: { inputs: ['label'], output: 'vector', weights: ['table'] },
  silu: { inputs: ['vector'], output: 'vector' },
  timeEmbedding: { inputs: ['time'], output: 'vector', attributes: ['channels'] },
  upsample: image,
};

const vectorSum: LayerRule = { inputs: ['vector', 'vector'], output: 'vector' };

/** The kind of value that a layer makes of inputs of these kinds, or why it cannot. */
export function kindOf(layer: Layer, inputs: readonly Kind[]): { kind: Kind } | { fault: string } {
  const rule = layer.op === 'add' && inputs[0] === 'vector' ? vectorSum : rules[layer.op];
  const wanted = [...rule.inputs, ...(rule.optional ? [rule.optional] : [])];
  const enough = inputs.length >= rule.inputs.length && inputs.length <= wanted.length;
  if (!enough || inputs.some((kind, i) => kind !== wanted[i])) {
    return { fault: `takes ${inputs.join(', ') || 'nothing'} where it needs ${wanted.join(', ')}` };
  }
  const role = rule.weights?.find((name) => !Object.hasOwn(layer.weights ?? {}, name));
  if (role !== undefined) return { fault: `has no weight for its ${role}` };
  const number = rule.attributes?.find((name) => !Object.hasOwn(layer.attributes ?? {}, name));
  return number === undefined ? { kind: rule.output } : { fault: `has no attribute ${number}` };
}
