import type { Layer, OpName } from './layer';

/**
 * The kind of a value: an image or features of an image, which depend on x; a vector for each item;
 * or one of the other inputs, which do not.
 */
export type Kind = 'image' | 'features' | 'vector' | 'time' | 'label' | 'kernel';

/** What a layer of an operation must hold. */
interface LayerRule {
  readonly inputs: readonly Kind[];
  /** A further input that may be left out. */
  readonly optional?: Kind;
  readonly output: Kind;
  readonly weights?: readonly string[];
  readonly attributes?: readonly string[];
}

/** One rule for each way in which an operation may be used. */
const rules: Readonly<Record<OpName, readonly [LayerRule, ...LayerRule[]]>> = {
  add: [
    { inputs: ['image', 'image'], output: 'image' },
    { inputs: ['vector', 'vector'], output: 'vector' },
  ],
  addVector: [{ inputs: ['image', 'vector'], output: 'image' }],
  attention: [{ inputs: ['image'], output: 'image', attributes: ['heads'] }],
  binomial: [{ inputs: ['image'], output: 'image' }],
  concat: [
    { inputs: ['image', 'image'], output: 'image' },
    { inputs: ['image', 'kernel'], output: 'image' },
    { inputs: ['features', 'features'], output: 'features' },
  ],
  conv2d: [
    {
      inputs: ['image'],
      output: 'image',
      weights: ['filter'],
      attributes: ['channels', 'size'],
    },
  ],
  dense: [
    {
      inputs: ['vector'],
      output: 'vector',
      weights: ['kernel', 'bias'],
      attributes: ['channels'],
    },
  ],
  downsample: [{ inputs: ['image'], output: 'image' }],
  groupNorm: [
    {
      inputs: ['image'],
      output: 'image',
      optional: 'vector',
      weights: ['gamma', 'beta'],
      attributes: ['groups'],
    },
  ],
  lookup: [{ inputs: ['label'], output: 'vector', weights: ['table'], attributes: ['channels'] }],
  maxPool: [{ inputs: ['image'], output: 'image', attributes: ['size'] }],
  pixelShuffle: [{ inputs: ['image'], output: 'image' }],
  pixelUnshuffle: [{ inputs: ['image'], output: 'image' }],
  relu: [{ inputs: ['image'], output: 'image', attributes: ['slope'] }],
  scaleShift: [{ inputs: ['image', 'vector'], output: 'image' }],
  silu: [
    { inputs: ['vector'], output: 'vector' },
    { inputs: ['image'], output: 'image' },
  ],
  standardize: [{ inputs: ['image'], output: 'image' }],
  tanh: [{ inputs: ['image'], output: 'image' }],
  timeEmbedding: [{ inputs: ['time'], output: 'vector', attributes: ['channels'] }],
  timeMap: [{ inputs: ['image', 'time'], output: 'image' }],
  unitFeatures: [{ inputs: ['image'], output: 'features', weights: ['head'] }],
  upsample: [{ inputs: ['image'], output: 'image' }],
};

const wantedBy = ({ inputs, optional }: LayerRule): readonly Kind[] =>
  optional ? [...inputs, optional] : inputs;

const takes = (rule: LayerRule, inputs: readonly Kind[]): boolean => {
  const wanted = wantedBy(rule);
  const enough = inputs.length >= rule.inputs.length && inputs.length <= wanted.length;
  return enough && inputs.every((kind, i) => kind === wanted[i]);
};

/** The kind of value that a layer makes of inputs of these kinds, or why it cannot. */
export function kindOf(layer: Layer, inputs: readonly Kind[]): { kind: Kind } | { fault: string } {
  const own = rules[layer.op];
  const rule = own.find((one) => takes(one, inputs));
  if (!rule) {
    const wanted = own.map((one) => wantedBy(one).join(', ')).join(' or ');
    return { fault: `takes ${inputs.join(', ') || 'nothing'} where it needs ${wanted}` };
  }
  const role = rule.weights?.find((name) => !Object.hasOwn(layer.weights ?? {}, name));
  if (role !== undefined) return { fault: `has no weight for its ${role}` };
  const number = rule.attributes?.find((name) => !Object.hasOwn(layer.attributes ?? {}, name));
  return number === undefined ? { kind: rule.output } : { fault: `has no attribute ${number}` };
}
