import { existsSync, readFileSync } from 'node:fs';
import { describe } from 'vitest';
import { type Fixture, readSafetensors } from './fixtures';

/** A folder of reference numbers, in files of the same names and tensors as in the other. */
export interface Reference {
  readonly present: boolean;
  /** Which numbers they are, and that they are skipped where they are not found. */
  readonly title: string;
  bytes(file: string): Uint8Array;
  json<T>(file: string): T;
  /** The file `<name>.safetensors`. */
  fixture(name: string): Fixture;
}

function referenceIn(folder: URL, title: string): Reference {
  const bytes = (file: string) => new Uint8Array(readFileSync(new URL(file, folder)));
  return {
    present: existsSync(folder),
    title,
    bytes,
    json: <T>(file: string) => JSON.parse(new TextDecoder().decode(bytes(file))) as T,
    fixture: (name) => readSafetensors(bytes(`${name}.safetensors`)),
  };
}

const folder = (path: string) => new URL(/* @vite-ignore */ path, import.meta.url);

/** Small numbers with made-up weights; make.py beside them is the call that made them. */
export const released = referenceIn(folder('../fixtures/released/'), 'small numbers');

const beside = folder('../../../shared/fixtures/');

/** Larger numbers, also of trained weights, where they are found beside the repository. */
export const shared = referenceIn(
  beside,
  `large numbers${existsSync(beside) ? '' : ' (skipped: no ../shared/fixtures beside the repository)'}`,
);

/** The same tests on the numbers of this repository and on the larger ones. */
export function againstReferences(title: string, tests: (reference: Reference) => void): void {
  for (const reference of [released, shared])
    describe.skipIf(!reference.present)(`${title}, ${reference.title}`, () => tests(reference));
}
