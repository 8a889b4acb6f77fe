import { type Dtype, dtypes } from './dtype';
import { quote, saveStateDict } from './file-error';
import type { Builder, PickleContext } from './pickle-context';
import { describe, isOpaque, isStorage, isTensor, type PickleValue, show } from './pickle-value';

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
