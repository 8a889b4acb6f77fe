/** A tensor that goes into the weight files of a model. */
export interface WeightData {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
  readonly data: Float32Array | Int32Array;
}

/** A node of a TensorFlow graph, in its JSON form. */
export interface NodeDef {
  readonly name: string;
  readonly op: string;
  readonly input: readonly string[];
  readonly attr: Readonly<Record<string, unknown>>;
}

/** A TensorFlow graph under construction, with the shape (without batch) of each value. */
export interface GraphBuilder {
  readonly nodes: readonly NodeDef[];
  readonly constants: readonly WeightData[];
  /** Adds a node and returns its name. */
  node(name: string, op: string, input: readonly string[], attr?: Record<string, unknown>): string;
  /** Adds a placeholder of shape `[batch, ...shape]`. */
  placeholder(name: string, shape: readonly number[], type?: 'DT_FLOAT' | 'DT_INT32'): void;
  /** Declares a weight that is stored elsewhere. */
  weight(name: string): string;
  /** An int32 constant, a list unless a shape says otherwise; equal constants are one node. */
  integers(values: readonly number[], shape?: readonly number[]): string;
  /** A float32 constant. */
  floats(name: string, values: readonly number[], shape?: readonly number[]): string;
  shapeOf(name: string): readonly number[];
  setShape(name: string, shape: readonly number[]): void;
}

const float = { T: { type: 'DT_FLOAT' } };

/** Starts an empty graph. */
export function graphBuilder(): GraphBuilder {
  const nodes: NodeDef[] = [];
  const constants: WeightData[] = [];
  const shapes = new Map<string, readonly number[]>();
  const names = new Set<string>();

  const node: GraphBuilder['node'] = (name, op, input, attr = {}) => {
    if (!names.has(name)) {
      names.add(name);
      nodes.push({ name, op, input, attr: { ...float, ...attr } });
    }
    return name;
  };
  const constant = (weight: WeightData): string => {
    if (!names.has(weight.name)) constants.push(weight);
    const dtype = { type: weight.dtype === 'int32' ? 'DT_INT32' : 'DT_FLOAT' };
    return node(weight.name, 'Const', [], { dtype });
  };

  return {
    nodes,
    constants,
    node,
    placeholder(name, shape, type = 'DT_FLOAT') {
      const dim = [-1, ...shape].map((size) => ({ size: String(size) }));
      node(name, 'Placeholder', [], { dtype: { type }, shape: { shape: { dim } } });
      shapes.set(name, shape);
    },
    weight: (name) => node(name, 'Const', [], { dtype: { type: 'DT_FLOAT' } }),
    integers: (values, shape = [values.length]) =>
      constant({
        name: `constant/${values.join('_')}_of_${shape.join('x')}`,
        shape,
        dtype: 'int32',
        data: Int32Array.from(values),
      }),
    floats: (name, values, shape = [values.length]) =>
      constant({ name, shape, dtype: 'float32', data: Float32Array.from(values) }),
    shapeOf(name) {
      const shape = shapes.get(name);
      if (!shape) throw new Error(`graphBuilder: no shape is known for ${name}`);
      return shape;
    },
    setShape(name, shape) {
      shapes.set(name, shape);
    },
  };
}
