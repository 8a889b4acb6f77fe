import { fileError, saveStateDict } from '../../internal/file-error';
import { quote } from '../../internal/plain-text';
import type { CheckpointTensor } from './checkpoint';
import { type Dtype, dtypes, elements, isContiguous, span, toRowMajor } from './numbers';
import type { Builder, PickleContext } from './pickle-machine';
import {
  describe,
  isOpaque,
  isStorage,
  isTensor,
  type PickledTensor,
  type PickleValue,
  show,
} from './pickle-values';

const MOST_AXES = 64; // the limit of PyTorch

const storageTypes: ReadonlyMap<string, string> = new Map([
  ['FloatStorage', 'float32'],
  ['DoubleStorage', 'float64'],
  ['HalfStorage', 'float16'],
  ['BFloat16Storage', 'bfloat16'],
  ['LongStorage', 'int64'],
  ['IntStorage', 'int32'],
  ['ShortStorage', 'int16'],
  ['CharStorage', 'int8'],
  ['ByteStorage', 'uint8'],
  ['UntypedStorage', 'uint8'],
  ['BoolStorage', 'bool'],
]);

const rebuildTensor: Builder = (args, context) => {
  const [storage, offset, shape, strides, , , metadata] = args;
  if (!isStorage(storage)) throw context.fail(`a tensor needs a storage, got ${describe(storage)}`);
  if (metadata instanceof Map && metadata.size > 0) {
    throw context.fail('refuses a tensor with the conj or neg bit; save tensor.resolve_neg()');
  }
  const tensor = {
    kind: 'tensor',
    storage,
    offset: storage.start + count(offset, 'storage_offset', context),
    shape: counts(shape, 'size', context),
    strides: counts(strides, 'stride', context),
  } as const;
  if (tensor.shape.length === tensor.strides.length) return tensor;
  throw context.fail('a tensor must have as many strides as axes');
};

const rebuildParameter: Builder = ([tensor], context) => {
  if (isTensor(tensor)) return tensor;
  throw context.fail(`a parameter needs a tensor, got ${describe(tensor)}`);
};

/** What is built of PyTorch: dense tensors, parameters and sizes. */
export const torchBuilders: readonly (readonly [string, Builder])[] = [
  ['torch._utils._rebuild_tensor', rebuildTensor],
  ['torch._utils._rebuild_tensor_v2', rebuildTensor],
  ['torch._utils._rebuild_parameter', rebuildParameter],
  ['torch._utils._rebuild_parameter_with_state', rebuildParameter],
  ['torch.Size', ([sizes], context) => counts(sizes, 'torch.Size', context)],
];

/** The storage that a persistent id `('storage', type, key, location, numel[, view])` names. */
export function storageOf(id: PickleValue, context: PickleContext): PickleValue {
  const [tag, type, key, , numel, view] = Array.isArray(id) ? id : [];
  // torch.save writes ('module', class, file, source) for each nn.Module that it pickles.
  if (tag === 'module') throw context.fail(`holds a pickled module; ${saveStateDict}`);
  if (tag !== 'storage') throw context.fail('a persistent id in its pickle is no storage');
  if (typeof key !== 'string')
    throw context.fail(`a storage key must be text, got ${describe(key)}`);
  const length = count(numel, 'numel', context);
  const start = Array.isArray(view) ? count(view[1], 'view offset', context) : 0;
  const storage = { kind: 'storage', key, dtype: dtypeOf(type, context), length, start } as const;
  const known = context.storages.get(key);
  if (known && (known.dtype !== storage.dtype || known.length !== length)) {
    throw context.fail(`storage ${quote(key)} is declared twice and differently`);
  }
  context.storages.set(key, storage);
  return storage;
}

function dtypeOf(type: PickleValue, context: PickleContext): Dtype {
  const name = isOpaque(type) ? type.name : describe(type);
  const plain = /^torch\.(?:cuda\.|storage\.)?(\w+)$/.exec(name)?.[1] ?? '';
  const dtype = dtypes.get(storageTypes.get(plain) ?? '');
  if (dtype) return dtype;
  throw context.fail(`holds ${name}, which is not read; save its tensors as float32`);
}

function count(value: PickleValue | undefined, what: string, context: PickleContext): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw context.fail(`${what} of a tensor must be an integer >= 0, got ${show(value)}`);
}

function counts(value: PickleValue | undefined, what: string, context: PickleContext): number[] {
  if (!Array.isArray(value) || value.length > MOST_AXES) {
    throw context.fail(`${what} of a tensor must be a tuple of at most ${MOST_AXES} integers`);
  }
  context.spend(value.length);
  return value.map((item) => count(item, what, context));
}

/** The raw bytes of the storages of a file. */
export interface StorageBytes {
  /** The number of bytes of a storage; undefined where the file lacks it. */
  size(key: string): number | undefined;
  read(key: string, offset: number, length: number): Promise<Uint8Array>;
  /** Whether a storage is compressed, so that the whole of it is inflated for a part. */
  isDeflated?(key: string): boolean;
}

/** What a file of torch.save holds. */
export interface TorchFile {
  readonly format: 'pytorch-zip' | 'pytorch-legacy' | 'pickle';
  /** The object that was saved. */
  readonly root: PickleValue;
  readonly storages: StorageBytes;
}

/** Throws unless a tensor lies inside its storage, and the storage has the size it declares. */
export function checkTensor(
  file: { readonly name: string },
  name: string,
  { shape, strides, offset, storage }: PickledTensor,
  storages: StorageBytes,
): void {
  const fail = (rule: string) => fileError(file, `tensor ${quote(name)}: ${rule}`);
  const key = quote(storage.key);
  const size = storages.size(storage.key);
  const declared = storage.length * storage.dtype.bytes;
  if (size === undefined) throw fail(`its storage ${key} is missing`);
  if (size !== declared) throw fail(`storage ${key} must be ${declared} bytes, got ${size}`);
  const count = elements(shape);
  const end = count === 0 ? 0 : offset + span(shape, strides);
  if (!(end <= storage.length)) {
    throw fail(`needs ${end} elements of storage ${key}, which holds ${storage.length}`);
  }
}

/** A checked tensor; its numbers stay in the file until they are read. */
export function torchTensor(
  name: string,
  tensor: PickledTensor,
  storages: StorageBytes,
): CheckpointTensor {
  const { shape, strides, offset, storage } = tensor;
  const { bytes, decode } = storage.dtype;
  const read = async (): Promise<Float32Array> => {
    const length = span(shape, strides);
    if (length === 0) return new Float32Array(0);
    const values = decode(await storages.read(storage.key, offset * bytes, length * bytes));
    return isContiguous(shape, strides) ? values : toRowMajor(values, shape, strides);
  };
  return { name, shape, dtype: storage.dtype.name, read };
}
