import type { ByteInput } from '../../models/checkpoint/byte-source';
import type { Resume } from './run';

/** What a saved state belongs to, by name: options, the digest of a photo. */
export type StateOrigin = Readonly<Record<string, string | number>>;

/**
 * A sampler's state as the bytes of a safetensors file: what `resume` takes, from `onStep`.
 *
 * `origin` says what the run depends on, by name; `loadState` refuses the state for another run.
 * Tensors are stored to the bit, so that a resumed run ends in the identical sample.
 *
 * @throws TypeError for a tensor that is not float32.
 */
export async function saveState(resume: Resume, origin: StateOrigin = {}): Promise<Uint8Array> {
  const { writeState } = await import('./saved-state');
  return writeState(resume, origin);
}

/**
 * Reads what `saveState` wrote: `resume` of `sample`, `spgdSample` and `steps`. It is copied there;
 * the caller disposes the tensors.
 *
 * @throws Error that names the file, where it is damaged or no saved state; RangeError that names the
 * part of `origin` that has changed.
 */
export async function loadState(input: ByteInput, origin: StateOrigin = {}): Promise<Resume> {
  const { readState } = await import('./saved-state');
  return readState(input, origin);
}
