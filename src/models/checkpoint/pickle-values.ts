import { quote } from '../../internal/plain-text';
import type { Dtype } from './numbers';

/** A run of numbers in the file, which tensors share. */
export interface PickledStorage {
  readonly kind: 'storage';
  readonly key: string;
  readonly dtype: Dtype;
  /** The number of elements of the whole storage. */
  readonly length: number;
  /** Where a view of it begins, in elements (only old files have such views). */
  readonly start: number;
}

/** A tensor: which elements of its storage are its own. */
export interface PickledTensor {
  readonly kind: 'tensor';
  readonly storage: PickledStorage;
  /** Its first element, counted from the beginning of the storage. */
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/**
 * A Python class, function or object that is not built: its name and nothing else.
 *
 * Training checkpoints also hold such objects (argparse.Namespace, numpy scalars,
 * Lightning's callbacks): refusing them would refuse files that people have, and a name is inert.
 */
export interface Opaque {
  readonly kind: 'opaque';
  readonly name: string;
}

/** A module of PyTorch: the name of its class and its attributes. Its class is never run. */
export interface PickledModule {
  readonly kind: 'module';
  readonly name: string;
  /** A dict of attributes: `_parameters`, `_buffers`, `_modules` and plain numbers. */
  state: PickleValue;
}

/** What a pickle can become here: plain data, and no object with behaviour. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleValue[]
  | Map<PickleValue, PickleValue>
  | Set<PickleValue>
  | PickledStorage
  | PickledTensor
  | PickledModule
  | Opaque;

const isKind =
  <T extends { readonly kind: string }>(kind: T['kind']) =>
  (value: PickleValue | undefined): value is T & PickleValue =>
    typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind;

export const isStorage = isKind<PickledStorage>('storage');
export const isTensor = isKind<PickledTensor>('tensor');
export const isModule = isKind<PickledModule>('module');
export const isOpaque = isKind<Opaque>('opaque');

/** Says in Python's words what a value is. */
export function describe(value: PickleValue | undefined): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'None';
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Map) return 'a dict';
  if (value instanceof Set) return 'a set';
  if (value instanceof Uint8Array) return 'bytes';
  if (typeof value === 'object') return value.kind === 'opaque' ? value.name : `a ${value.kind}`;
  return typeof value === 'bigint' ? 'an integer beyond 2^53' : `a ${typeof value}`;
}

/** A value in a message: text and numbers as they are, else what they are (they may be deep). */
export function show(value: PickleValue | undefined): string {
  if (typeof value === 'string') return quote(value);
  return typeof value === 'number' ? String(value) : describe(value);
}
