import { type ByteInput, byteSource } from './byte-source';
import type { Checkpoint, CheckpointTensor } from './checkpoint';
import { fileError } from './file-error';
import { readPytorchLegacy } from './pytorch-legacy';
import { readPytorchZip } from './pytorch-zip';
import { readSafetensors } from './safetensors';
import { formatOf } from './sniff';

/** How to read a checkpoint. */
export type ReadCheckpointOptions = {
  /**
   * What errors call the file.
   * @default the name of the File or source, else `checkpoint`
   */
  name?: string;
};

const readers = {
  safetensors: readSafetensors,
  'pytorch-zip': readPytorchZip,
  'pytorch-legacy': readPytorchLegacy,
};

// What wrappers round a network put before every name: DataParallel, Lightning, torch.compile.
const prefixes = ['module.', 'model.', '_orig_mod.'];

/**
 * Reads a `.safetensors`, `.pt`, `.pth` or `.ckpt` file: names, shapes and types now, numbers when
 * a tensor is asked for. The state dict may lie under a usual key such as `state_dict`; a prefix
 * `module.`, `model.` or `_orig_mod.` that all names share is taken off.
 *
 * Nothing in the file is run, and sizes are checked before memory is taken. An Error that begins
 * with the name of the file says what is wrong with it.
 */
export async function readCheckpoint(
  input: ByteInput,
  options: ReadCheckpointOptions = {},
): Promise<Checkpoint> {
  const source = byteSource(input, options.name);
  const checkpoint = await readers[await formatOf(source)](source);
  if (checkpoint.tensors.size === 0) throw fileError(source, 'holds no tensors');
  return { ...checkpoint, tensors: withoutPrefix(checkpoint.tensors) };
}

function withoutPrefix(tensors: Checkpoint['tensors']): Checkpoint['tensors'] {
  const names = [...tensors.keys()];
  const prefix = prefixes.find((start) => names.every((name) => name.startsWith(start)));
  if (prefix === undefined) return tensors;
  const shorter = [...tensors.values()].map((tensor): [string, CheckpointTensor] => {
    const name = tensor.name.slice(prefix.length);
    return [name, { ...tensor, name }];
  });
  return withoutPrefix(new Map(shorter));
}
