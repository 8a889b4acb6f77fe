import type { ByteInput } from '../../models/checkpoint/byte-source';
import type { Resume, StateOrigin } from './run';

/**
 * A sampler's state, as `onStep` gives it, as the bytes of a safetensors file.
 *
 * `origin` names what the run depends on; `loadState` refuses the state for another run. Tensors are
 * stored to the bit, so a resumed run ends in the identical sample.
 *
 * @throws TypeError for a tensor that is not float32.
 */
export async function saveState(resume: Resume, origin: StateOrigin = {}): Promise<Uint8Array> {
  const { writeState } = await import('./saved-state');
  return writeState(resume, origin);
}

/**
 * Reads what `saveState` wrote: the `resume` of `sample`, `spgdSample` and `steps`, which copy it. The
 * caller disposes the tensors.
 *
 * @throws Error that names a file that is damaged or is not a saved state; RangeError that names the
 * part of `origin` that has changed.
 */
export async function loadState(input: ByteInput, origin: StateOrigin = {}): Promise<Resume> {
  const { readState } = await import('./saved-state');
  return readState(input, origin);
}
