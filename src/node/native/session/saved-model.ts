import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireHere } from '../../here';
import { type Attribute, nativeBackend } from './binding';
import type { FusedFunction, TracedNode } from './traced-node';

/** A message of the protocol buffers that tfjs-node brings. */
interface Message {
  [method: `set${string}` | `add${string}`]: (value: unknown) => void;
  getAttrMap(): { set(name: string, value: Message): void };
  serializeBinary(): Uint8Array;
}

/** The messages by name, such as `NodeDef`. */
type Messages = Readonly<Record<string, { new (): Message } & Record<string, new () => Message>>>;

const tag = 'serve';

/** The version of graphs that TensorFlow 2.x reads and writes. */
const producer = 1882;

/** Writes a graph as the bytes of a SavedModel. `tfjsNode` is the path or name of tfjs-node. */
export function savedModelBytes(
  { nodes, functions }: { nodes: readonly TracedNode[]; functions: readonly FusedFunction[] },
  tfjsNode: string,
): Uint8Array {
  const messages = requireHere(`${tfjsNode}/dist/proto/api_pb.js`) as Messages;
  const { binding } = nativeBackend();
  const make = (name: string, fields: Readonly<Record<string, unknown>>): Message => {
    const [outer, inner] = name.split('.') as [string, string?];
    const message = inner ? new messages[outer]![inner]!() : new messages[outer]!();
    for (const [field, value] of Object.entries(fields))
      for (const one of field.startsWith('add') ? (value as unknown[]) : [value])
        message[field as 'set']!(one);
    return message;
  };
  const shapeOf = (shape: readonly number[]) =>
    make('TensorShape', {
      addDim: shape.map((size) => make('TensorShape.Dim', { setSize: size })),
    });

  const fieldOf = ({ name, type, value }: Attribute): Record<string, unknown> => {
    if (type === binding.TF_ATTR_TYPE) return { setType: value };
    if (type === binding.TF_ATTR_BOOL) return { setB: value };
    if (type === binding.TF_ATTR_FLOAT) return { setF: value };
    if (type === binding.TF_ATTR_STRING) return { setS: Buffer.from(value as string) };
    if (type === binding.TF_ATTR_SHAPE) return { setShape: shapeOf(value as number[]) };
    if (type === binding.TF_ATTR_INT)
      return Array.isArray(value)
        ? { setList: make('AttrValue.ListValue', { addI: value }) }
        : { setI: value };
    throw new Error(`the attribute ${name} is of a type that is not known`);
  };
  const bytesOf = ({ dtype, values }: NonNullable<TracedNode['value']>): Uint8Array => {
    const kinds = new Map<number, { from(values: ArrayLike<number>): ArrayBufferView }>([
      [binding.TF_FLOAT!, Float32Array],
      [binding.TF_INT32!, Int32Array],
      [binding.TF_BOOL!, Uint8Array],
    ]);
    const kind = kinds.get(dtype);
    if (!kind) throw new Error(`a constant has the type ${dtype}, which is not known`);
    return new Uint8Array(kind.from(values).buffer);
  };
  const nodeOf = ({ name, op, inputs, attributes, value, calls }: TracedNode): Message => {
    const node = make('NodeDef', { setName: name, setOp: op, addInput: inputs });
    const attribute = (key: string, fields: Record<string, unknown>) =>
      node.getAttrMap().set(key, make('AttrValue', fields));
    for (const one of attributes) attribute(one.name, fieldOf(one));
    if (value) {
      attribute('dtype', { setType: value.dtype });
      const shape = { setDtype: value.dtype, setTensorShape: shapeOf(value.shape) };
      attribute('value', {
        setTensor: make('Tensor', { ...shape, setTensorContent: bytesOf(value) }),
      });
    }
    if (calls) {
      const types = (count: number) => ({
        setList: make('AttrValue.ListValue', { addType: Array(count).fill(binding.TF_FLOAT) }),
      });
      attribute('f', { setFunc: make('NameAttrList', { setName: calls.name }) });
      attribute('Tin', types(calls.inputs));
      attribute('Tout', types(1));
      attribute('_XlaMustCompile', { setB: true });
    }
    return node;
  };
  const functionOf = ({ name, inputs, body, output }: FusedFunction): Message => {
    const argument = (key: string) =>
      make('OpDef.ArgDef', { setName: key, setType: binding.TF_FLOAT });
    const made = make('FunctionDef', {
      setSignature: make('OpDef', {
        setName: name,
        addInputArg: Array.from({ length: inputs }, (_, i) => argument(`a${i}`)),
        addOutputArg: [argument('output')],
      }),
      addNodeDef: body.map(nodeOf),
    }) as Message & { getRetMap(): { set(name: string, value: string): void } };
    made.getRetMap().set('output', output);
    made.getAttrMap().set('_XlaMustCompile', make('AttrValue', { setB: true }));
    return made;
  };
  const graph = make('GraphDef', {
    addNode: nodes.map(nodeOf),
    setLibrary: make('FunctionDefLibrary', { addFunction: functions.map(functionOf) }),
    setVersions: make('VersionDef', { setProducer: producer }),
  });
  const meta = make('MetaGraphDef', {
    setMetaInfoDef: make('MetaGraphDef.MetaInfoDef', { addTags: [tag] }),
    setGraphDef: graph,
  });
  return make('SavedModel', {
    setSavedModelSchemaVersion: 1,
    addMetaGraphs: [meta],
  }).serializeBinary();
}

/** A session of TensorFlow on the bytes of a SavedModel, which it reads from a folder only. */
export function loadSession(bytes: Uint8Array): number {
  const folder = mkdtempSync(join(tmpdir(), 'spgd-session-'));
  try {
    writeFileSync(join(folder, 'saved_model.pb'), bytes);
    return nativeBackend().binding.loadSavedModel(folder, tag);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
