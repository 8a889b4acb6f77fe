import { fileError, saveStateDict } from '../../internal/file-error';
import type { ByteSource } from './byte-source';
import type { Checkpoint, CheckpointTensor } from './checkpoint';
import {
  describe,
  isOpaque,
  isTensor,
  type PickledTensor,
  type PickleValue,
  show,
} from './pickle-values';
import { checkTensor, type StorageBytes, torchTensor } from './torch';

type File = { readonly name: string };
type Dict = ReadonlyMap<PickleValue, PickleValue>;

// Where training scripts put the weights, in the order in which they are tried.
const wrappers = ['state_dict', 'model', 'ema', 'params', 'params_ema', 'model_state_dict'];

/** The checkpoint in an unpickled file; every tensor is checked against its storage first. */
export function torchCheckpoint(
  format: Checkpoint['format'],
  source: ByteSource,
  root: PickleValue,
  storages: StorageBytes,
): Checkpoint {
  const tensors = new Map<string, CheckpointTensor>();
  for (const [name, tensor] of stateDictIn(source, root)) {
    checkTensor(source, name, tensor, storages);
    tensors.set(name, torchTensor(name, tensor, storages));
  }
  return { format, metadata: {}, tensors };
}

/**
 * The tensors of the state dict in an unpickled file: that under the first of the usual keys that
 * holds tensors, else the file's own dict. An Error where there is none.
 */
function stateDictIn(file: File, root: PickleValue): [string, PickledTensor][] {
  if (isOpaque(root)) throw fileError(file, `holds a pickled ${root.name}; ${saveStateDict}`);
  if (!(root instanceof Map)) throw fileError(file, `holds ${describe(root)}; ${saveStateDict}`);
  const dict = findStateDict(root, 3);
  if (!dict) throw fileError(file, `holds no dict of tensors; its keys are ${keysOf(root)}`);
  return tensorsOf(file, dict);
}

function findStateDict(dict: Dict, depth: number): Dict | undefined {
  for (const key of depth > 0 ? wrappers : []) {
    const inner = dict.get(key);
    const found = inner instanceof Map ? findStateDict(inner, depth - 1) : undefined;
    if (found) return found;
  }
  return [...dict.values()].some(isTensor) ? dict : undefined;
}

// Numbers and text beside the tensors (`_extra_state`, an epoch) are no weights and are left out;
// an object that was not built might have been one.
function tensorsOf(file: File, dict: Dict): [string, PickledTensor][] {
  return [...dict].flatMap(([key, value]): [string, PickledTensor][] => {
    if (isOpaque(value)) {
      throw fileError(
        file,
        `refuses to build ${value.name} for ${show(key)}; only tensors and plain containers are read`,
      );
    }
    if (!isTensor(value)) return [];
    if (typeof key === 'string') return [[key, value]];
    throw fileError(file, `a tensor must have text for its key, got ${describe(key)}`);
  });
}

function keysOf(dict: Dict): string {
  const shown = [...dict].slice(0, 12).map(([key, value]) => `${show(key)} (${describe(value)})`);
  if (shown.length === 0) return 'none';
  return dict.size > shown.length ? `${shown.join(', ')}, …` : shown.join(', ');
}
