import type { ModuleClass } from './checkpoint';
import type { Builder } from './pickle-machine';
import {
  isModule,
  isTensor,
  type PickledModule,
  type PickledTensor,
  type PickleValue,
} from './pickle-values';

const deepest = 32;

const container = (name: string): readonly [string, Builder] => [
  name,
  () => ({ kind: 'module', name, state: null }),
];

/** An object of `torch_utils.persistence`: its attributes; the source of its class is dropped. */
const persistent: Builder = ([meta], context) => {
  const name = meta instanceof Map ? meta.get('class_name') : undefined;
  if (!(meta instanceof Map) || typeof name !== 'string')
    throw context.fail('a persistent object needs a dict with class_name and state');
  return { kind: 'module', name, state: meta.get('state') ?? null };
};

/** What is kept of modules: containers of PyTorch, and the persistent objects of EDM's pickles. */
export const moduleBuilders: readonly (readonly [string, Builder])[] = [
  ['torch_utils.persistence._reconstruct_persistent_obj', persistent],
  ['dnnlib.util.EasyDict', () => new Map()],
  ['torch.storage._load_from_bytes', storageInBytes],
  container('torch.nn.modules.container.ModuleDict'),
  container('torch.nn.modules.container.ModuleList'),
  container('torch.nn.modules.container.Sequential'),
];

function storageInBytes(
  [bytes]: readonly PickleValue[],
  context: Parameters<Builder>[1],
): PickleValue {
  if (bytes instanceof Uint8Array) return context.storageIn(bytes);
  throw context.fail('a storage in its pickle must be bytes');
}

const entriesOf = ({ state }: PickledModule, key: string): [PickleValue, PickleValue][] => {
  const found = state instanceof Map ? state.get(key) : undefined;
  return found instanceof Map ? [...found] : [];
};

/** The state dict of a module: its tensors and those of the modules in it, by their names. */
export function stateDictOf(module: PickledModule): Map<PickleValue, PickledTensor> {
  const found = new Map<PickleValue, PickledTensor>();
  // A pickle may hold one module in many places, and in itself: each is looked into once.
  const seen = new Set<PickledModule>();
  const walk = (from: PickledModule, prefix: string, depth: number): void => {
    if (seen.has(from) || depth > deepest) return;
    seen.add(from);
    const own = [...entriesOf(from, '_parameters'), ...entriesOf(from, '_buffers')];
    for (const [name, value] of own) if (isTensor(value)) found.set(`${prefix}${name}`, value);
    for (const [name, value] of entriesOf(from, '_modules'))
      if (isModule(value)) walk(value, `${prefix}${name}.`, depth + 1);
  };
  walk(module, '', 0);
  return found;
}

/** What a module says of itself beside its weights. */
export function moduleClass({ name, state }: PickledModule): ModuleClass {
  const entries = state instanceof Map ? [...state] : [];
  const numbers = entries.filter(
    (entry): entry is [string, number] =>
      typeof entry[0] === 'string' && typeof entry[1] === 'number',
  );
  return { name, numbers: Object.fromEntries(numbers) };
}
