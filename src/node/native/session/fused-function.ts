import type { FusedFunction, TracedNode } from './traced-node';

/** What TensorFlow calls the output of an operation inside a function. */
const outputs: Readonly<Record<string, string>> = {
  Add: 'z',
  AddV2: 'z',
  ConcatV2: 'output',
  Const: 'output',
  Mul: 'z',
  Sigmoid: 'y',
  SplitV: 'output',
  Square: 'y',
  Sub: 'z',
};

/**
 * Nodes as the body of a function, and the values that it takes. What `repeats` gives becomes part of it, such
 * as constants. Undefined where an operation is not known.
 */
export function functionOf(
  nodes: readonly TracedNode[],
  output: string,
  repeats: (node: string) => TracedNode | undefined,
): (Omit<FusedFunction, 'name'> & { readonly taken: readonly string[] }) | undefined {
  const taken: string[] = [];
  const body: TracedNode[] = [];
  const names = new Map<string, string>();
  const add = (node: TracedNode, inputs: readonly string[]) => {
    const name = `b${body.length}`;
    body.push({ ...node, name, inputs });
    names.set(node.name, `${name}:${outputs[node.op]}`);
  };
  const nameOf = (value: string): string => {
    const [node, index] = value.split(':') as [string, string];
    const repeated = names.has(node) ? undefined : repeats(node);
    if (repeated) add(repeated, repeated.inputs.map(nameOf));
    if (names.has(node)) return `${names.get(node)}:${index}`;
    if (!taken.includes(value)) taken.push(value);
    return `a${taken.indexOf(value)}`;
  };
  for (const node of nodes) {
    if (!(node.op in outputs)) return undefined;
    if (node.op !== 'Const') add(node, node.inputs.map(nameOf));
  }
  return { inputs: taken.length, body, output: nameOf(output), taken };
}
