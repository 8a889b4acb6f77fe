import { existsSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inputError } from '../input-error';

/** The files of a TensorFlow C library that an addon is built against. */
export interface LibraryLayout {
  readonly folder: string;
  /** Holds `tensorflow/c/c_api.h`. */
  readonly include: string;
  readonly library: string;
  readonly framework: string;
}

/** The library in a folder: a Python package `tensorflow`, or an unpacked `libtensorflow` archive. */
export function layoutOf(folder: string): LibraryLayout | undefined {
  const pick = (names: readonly string[]) =>
    ['.', 'lib']
      .flatMap((below) => names.map((name) => join(folder, below, name)))
      .find((path) => existsSync(path));
  const include = join(folder, 'include');
  const library = pick(['libtensorflow_cc.so.2', 'libtensorflow.so.2', 'libtensorflow.so']);
  const framework = pick(['libtensorflow_framework.so.2', 'libtensorflow_framework.so']);
  const headers = ['c_api.h', 'eager/c_api.h'].map((name) => join(include, 'tensorflow/c', name));
  if (!library || !framework || !headers.every((path) => existsSync(path))) return undefined;
  return { folder, include, library, framework };
}

const machines: Readonly<Record<number, string>> = {
  3: 'ia32',
  40: 'arm',
  62: 'x64',
  183: 'arm64',
};

/** The processor that an ELF file is built for, in the words of `process.arch`. */
export function elfMachine(head: Uint8Array): string | undefined {
  const isElf = head.length >= 20 && [0x7f, 0x45, 0x4c, 0x46].every((byte, i) => head[i] === byte);
  if (!isElf) return undefined;
  const machine = head[18]! + 256 * head[19]!;
  return machines[machine] ?? `machine ${machine}`;
}

/** Throws unless the library is one that this processor can run. */
export async function checkMachine({ library }: LibraryLayout): Promise<void> {
  const file = await open(library);
  const { buffer, bytesRead } = await file.read(new Uint8Array(20), 0, 20, 0);
  await file.close();
  const machine = elfMachine(buffer.subarray(0, bytesRead));
  if (machine !== process.arch)
    throw inputError(
      `native: ${library} is ${machine ? `built for ${machine}` : 'no Linux library'}, ` +
        `and this Node runs on ${process.arch}: take the TensorFlow of this platform`,
    );
}

/** Whether a Python package `tensorflow` was built with CUDA; undefined where it does not say. */
export async function isCudaBuild(folder: string): Promise<boolean | undefined> {
  const path = join(folder, 'python', 'platform', 'build_info.py');
  if (!existsSync(path)) return undefined;
  const said = /'is_cuda_build'[,:]\s*(True|False)/.exec(await readFile(path, 'utf8'));
  return said ? said[1] === 'True' : undefined;
}
