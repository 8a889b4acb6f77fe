import * as tf from '@tensorflow/tfjs';
import { checkType } from '../../internal/check';
import { type ByteInput, byteSource } from '../../models/checkpoint/byte-source';
import {
  readSafetensors,
  type WritableTensor,
  writeSafetensors,
} from '../../models/checkpoint/safetensors';
import type { SamplerState, StateTree } from '../sampler';
import type { Resume, StateOrigin } from './run';
import { parseTree, type SavedTree, savedTree } from './saved-tree';
import { disposeTree } from './state-tree';

const version = '1';

/** What `saveState` does once it is loaded. */
export async function writeState(
  { index, state }: Resume,
  origin: StateOrigin,
): Promise<Uint8Array> {
  const tensors: tf.Tensor[] = [];
  const tree = savedTree(state as StateTree, (tensor) => tensors.push(tensor) - 1);
  const written: [string, WritableTensor][] = [];
  for (const [i, tensor] of tensors.entries()) {
    checkType(tensor.dtype === 'float32', 'saveState', 'state', 'of float32', tensor.dtype);
    written.push([`${i}`, { shape: tensor.shape, data: (await tensor.data()) as Float32Array }]);
  }
  return writeSafetensors(Object.fromEntries(written), {
    spgd_state: version,
    index: `${index}`,
    tree: JSON.stringify(tree),
    origin: JSON.stringify(origin),
  });
}

/** What `loadState` does once it is loaded. */
export async function readState(input: ByteInput, origin: StateOrigin): Promise<Resume> {
  const source = byteSource(
    input,
    input instanceof Object && 'name' in input ? undefined : 'state',
  );
  const fail = (rule: string) => new Error(`${source.name}: ${rule}`);
  const { metadata, tensors } = await readSafetensors(source);
  if (metadata.spgd_state !== version) throw fail('is not a saved state of a sampler');
  const index = Number(metadata.index);
  if (!Number.isSafeInteger(index) || index < 0) throw fail('its index must be an integer >= 0');
  checkOrigin(parseJson(metadata.origin, fail), origin, source.name);

  const loaded: tf.Tensor[] = [];
  try {
    for (const [i, { dtype, shape, read }] of [...tensors.values()].entries()) {
      if (!tensors.has(`${i}`) || dtype !== 'float32') throw fail('its tensors are not a state');
      loaded.push(tf.tensor(await read(), [...shape], 'float32'));
    }
    const state = parseTree(parseJson(metadata.tree, fail) as SavedTree, loaded, fail);
    const x = Object(state).x;
    if (!(x instanceof tf.Tensor) || x.rank !== 4) throw fail('its state has no image x');
    return { index, state: state as SamplerState };
  } catch (error) {
    disposeTree(loaded);
    throw error;
  }
}

function parseJson(text: string | undefined, fail: (rule: string) => Error): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    throw fail('its description is not JSON');
  }
}

/** Refuses a state of another run, by the name of what is different. */
function checkOrigin(saved: unknown, origin: StateOrigin, name: string): void {
  const before = new Map(Object.entries(Object(saved)));
  for (const key of new Set([...before.keys(), ...Object.keys(origin)])) {
    const now = Object.hasOwn(origin, key) ? origin[key] : undefined;
    if (before.get(key) === now) continue;
    throw new RangeError(
      `${name}: ${key} must be ${String(before.get(key))}, as in the run that was saved, got ${String(now)}`,
    );
  }
}
