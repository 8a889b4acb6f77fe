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
  /** Adds a node, with its attributes of types, and returns its name. */
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

const [float, int] = [{ type: 'DT_FLOAT' }, { type: 'DT_INT32' }];

/** Attributes of types that TensorFlow wants of an operation, where they are not `T` alone. */
const typesOf: Readonly<Record<string, NodeDef['attr']>> = {
  ConcatV2: { T: float, Tidx: int },
  Const: {},
  GatherV2: { Tparams: float, Tindices: int, Taxis: int },
  Mean: { T: float, Tidx: int },
  Pad: { T: float, Tpaddings: int },
  Placeholder: {},
  Reshape: { T: float, Tshape: int },
  Slice: { T: float, Index: int },
  Sum: { T: float, Tidx: int },
  Tile: { T: float, Tmultiples: int },
  Transpose: { T: float, Tperm: int },
};

/** Starts an empty graph. */
export function graphBuilder(): GraphBuilder {
  const nodes: NodeDef[] = [];
  const constants: WeightData[] = [];
  const shapes = new Map<string, readonly number[]>();
  const names = new Set<string>();

  const node: GraphBuilder['node'] = (name, op, input, attr = {}) => {
    if (!names.has(name)) {
      names.add(name);
      nodes.push({ name, op, input, attr: { ...(typesOf[op] ?? { T: float }), ...attr } });
    }
    return name;
  };
  const constant = (weight: WeightData): string => {
    if (!names.has(weight.name)) constants.push(weight);
    const dtype = weight.dtype === 'int32' ? int : float;
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
    weight: (name) => node(name, 'Const', [], { dtype: float }),
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
