import type { TracedNode } from './trace';

/** Element-wise operations that XLA compiles into one kernel. */
export interface FusedFunction {
  readonly name: string;
  /** Its inputs are called `a0`, `a1`, … */
  readonly inputs: number;
  readonly body: readonly TracedNode[];
  /** The value in the body that it gives. */
  readonly output: string;
}

/** What TensorFlow calls the output of an operation inside a function. */
const outputs: Readonly<Record<string, string>> = {
  Add: 'z',
  AddV2: 'z',
  Const: 'output',
  Mul: 'z',
  Sigmoid: 'y',
  Square: 'y',
  Sub: 'z',
};

/**
 * Nodes as the body of a function, and the values that it takes. Constants become part of it. Undefined where an
 * operation is not known.
 */
export function functionOf(
  nodes: readonly TracedNode[],
  output: string,
  constantOf: (value: string) => TracedNode | undefined,
): (Omit<FusedFunction, 'name'> & { readonly taken: readonly string[] }) | undefined {
  const taken: string[] = [];
  const body: TracedNode[] = [];
  const names = new Map<string, string>();
  const add = (node: TracedNode, inputs: readonly string[], value: string) => {
    const name = `b${body.length}`;
    body.push({ ...node, name, inputs });
    names.set(value, `${name}:${outputs[node.op]}:0`);
  };
  const nameOf = (value: string): string => {
    if (names.has(value)) return names.get(value)!;
    const constant = constantOf(value);
    if (constant) add(constant, [], value);
    else names.set(value, `a${taken.push(value) - 1}`);
    return names.get(value)!;
  };
  for (const node of nodes) {
    if (!(node.op in outputs)) return undefined;
    if (node.op !== 'Const') add(node, node.inputs.map(nameOf), `${node.name}:0`);
  }
  return { inputs: taken.length, body, output: names.get(output)!, taken };
}
