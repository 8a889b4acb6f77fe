import { fileError, saveStateDict } from '../../internal/file-error';
import { quote } from '../../internal/plain-text';
import type { Checkpoint, CheckpointTensor } from './checkpoint';
import { elements, span } from './numbers';
import {
  describe,
  isModule,
  isOpaque,
  isTensor,
  type PickledModule,
  type PickledTensor,
  type PickleValue,
  show,
} from './pickle-values';
import { moduleClass, stateDictOf } from './pickled-module';
import { chooseStateDict, stateDictsIn, type WeightsChoice } from './state-dict';
import { checkTensor, type StorageBytes, type TorchFile, torchTensor } from './torch';

type File = { readonly name: string };
type Dict = ReadonlyMap<PickleValue, PickleValue>;

const deepest = 3;
const freely = 2 ** 24;
const mostRepeated = 4;
// What trainings store beside weights: moments of the optimizer look like weights.
const notWeights = /optim|sched|scaler|loops|metrics|hparams|hyper_param|config|args/i;

/**
 * The weights in a file of torch.save. Only the tensors of the chosen weights are checked against
 * their storages, and read.
 */
export function torchCheckpoint(
  source: File,
  { format, root, storages }: TorchFile,
  weights?: WeightsChoice,
): Checkpoint {
  if (isOpaque(root)) throw fileError(source, `holds a pickled ${root.name}; ${saveStateDict}`);
  const whole = isModule(root) ? new Map([['', root]]) : root;
  if (!(whole instanceof Map)) throw fileError(source, `holds ${describe(root)}; ${saveStateDict}`);
  const found = dictsBelow(whole, [], new Set()).flatMap(({ path, dict, module }) =>
    stateDictsIn(path.join('.'), tensorsOf(dict)).map((set) => ({ ...set, dict, module })),
  );
  if (found.length === 0)
    throw fileError(source, `holds no dict of tensors; its keys are ${keysOf(whole)}`);
  const { key, averaged, tensors, dict, module } = chooseStateDict(source, found, weights);
  checkEntries(source, dict);
  checkWork(source, [...tensors.values()], storages);
  const read = [...tensors].map(([name, tensor]): [string, CheckpointTensor] => {
    checkTensor(source, name, tensor, storages);
    return [name, torchTensor(name, tensor, storages)];
  });
  const taken = { key, averaged, others: found.length > 1 };
  return {
    format,
    metadata: {},
    weights: taken,
    ...(module && { module: moduleClass(module) }),
    tensors: new Map(read),
  };
}

/**
 * Bounds what reading all tensors takes by the storages that they view: a small file must not ask for
 * much memory by repeating its numbers, nor for much work by compressed storages that its tensors hardly view.
 */
function checkWork(file: File, tensors: readonly PickledTensor[], storages: StorageBytes): void {
  const viewed = new Map<string, { storage: PickledTensor['storage']; span: number }>();
  let numbers = 0;
  for (const { storage, shape, strides } of tensors) {
    numbers += elements(shape);
    const before = viewed.get(storage.key)?.span ?? 0;
    viewed.set(storage.key, { storage, span: before + span(shape, strides) });
  }
  let stored = 0;
  for (const { storage, span } of viewed.values()) {
    stored += storage.length;
    const isNeeded = storage.length <= freely + mostRepeated * span;
    if (isNeeded || !storages.isDeflated?.(storage.key)) continue;
    const sizes = `${storage.length} numbers, of which its tensors view ${span}`;
    throw fileError(file, `refuses to inflate storage ${quote(storage.key)} of ${sizes}`);
  }
  if (numbers <= freely + mostRepeated * stored) return;
  throw fileError(file, `its tensors repeat ${stored} numbers to ${numbers}`);
}

/** A dict that holds tensors by name, with the keys that lead to it, and the module that it is of. */
interface FoundDict {
  readonly path: readonly string[];
  readonly dict: Dict;
  readonly module?: PickledModule;
}

/** Every dict that holds tensors by name; a module counts as its state dict. */
function dictsBelow(
  holder: Dict | PickledModule,
  path: readonly string[],
  seen: Set<Dict | PickledModule>,
): FoundDict[] {
  // A pickle may hold one dict under many keys: each is looked into once.
  if (seen.has(holder) || path.length > deepest) return [];
  seen.add(holder);
  if (isModule(holder as PickleValue)) {
    const module = holder as PickledModule;
    const dict = stateDictOf(module);
    return dict.size > 0 ? [{ path, dict, module }] : [];
  }
  const dict = holder as Dict;
  const own = tensorsOf(dict).size > 0 ? [{ path, dict }] : [];
  const below = [...dict].flatMap(([key, value]) =>
    typeof key === 'string' && (value instanceof Map || isModule(value)) && !notWeights.test(key)
      ? dictsBelow(value, key === '' ? path : [...path, key], seen)
      : [],
  );
  return [...own, ...below];
}

/** Numbers and text beside the tensors (`_extra_state`, an epoch) are no weights. */
function tensorsOf(dict: Dict): ReadonlyMap<string, PickledTensor> {
  const tensors = new Map<string, PickledTensor>();
  for (const [key, value] of dict)
    if (typeof key === 'string' && isTensor(value)) tensors.set(key, value);
  return tensors;
}

/** An object that was not built, or a tensor without a name, might have been a weight. */
function checkEntries(file: File, dict: Dict): void {
  for (const [key, value] of dict) {
    if (isOpaque(value)) {
      const rule = 'only tensors and plain containers are read';
      throw fileError(file, `refuses to build ${value.name} for ${show(key)}; ${rule}`);
    }
    if (isTensor(value) && typeof key !== 'string')
      throw fileError(file, `a tensor must have text for its key, got ${describe(key)}`);
  }
}

function keysOf(dict: Dict): string {
  const shown = [...dict].slice(0, 12).map(([key, value]) => `${show(key)} (${describe(value)})`);
  if (shown.length === 0) return 'none';
  return dict.size > shown.length ? `${shown.join(', ')}, …` : shown.join(', ');
}
