import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { packageFolder } from '../here';
import { buildAddon } from './build-addon';
import { findTensorFlow } from './find-tensorflow';
import { type NativePackage, nativeFolder, projectOf } from './native-folder';
import { verifyBackend } from './verify-backend';

/** Options of `installNative`. */
export interface InstallNativeOptions {
  /**
   * TensorFlow with CUDA 12, through `tfjs-node-gpu`.
   * @default false
   */
  cuda?: boolean;
  /**
   * The TensorFlow to link: the folder of a Python package `tensorflow`, an unpacked `libtensorflow`
   * archive, or a wheel.
   * @default the Python package of the `python3` on the PATH, or the wheel of PyPI
   */
  tensorflow?: string;
  /**
   * Only checks what is there, and changes nothing.
   * @default false
   */
  check?: boolean;
  /** Told of each step. */
  say?(line: string): void;
  /** Stops the work, and undoes it. */
  signal?: AbortSignal;
}

/** What `installNative` found or made. */
export interface NativeReport {
  /** The backend, as `useBackend` takes it. */
  readonly name: NativePackage;
  /** The TensorFlow that was linked now; absent where all was there already. */
  readonly origin?: string;
  /** What computes: the version of TensorFlow and its device. */
  readonly device: string;
}

function checkPlace(): void {
  // musl has no version of glibc to report.
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  if (process.platform !== 'linux' || !header.glibcVersionRuntime)
    throw new Error(
      `native: works on Linux with glibc only, and this is ${process.platform}: ` +
        "run 'npm install @tensorflow/tfjs-node', which brings a library, or use the backend 'wasm'",
    );
  if (!existsSync(join(projectOf(packageFolder), 'package.json')))
    throw new Error(
      "native: spgd is not installed in a project: run 'npm install spgd @tensorflow/tfjs' in a folder with a package.json, and 'npx spgd native' there",
    );
}

/**
 * Makes native TensorFlow work where its npm package cannot be installed: finds or downloads a
 * current TensorFlow, builds the unmodified addon against it in the cache of the project, and checks
 * a convolution and its gradient in a fresh process. `useBackend` takes it from there.
 *
 * Does nothing where it works already, unless `tensorflow` is given. What fails is undone, and is an
 * error of one line with what to do. Linux with glibc; nothing outside the project is written.
 */
export async function installNative(options: InstallNativeOptions = {}): Promise<NativeReport> {
  const { cuda = false, tensorflow: given, check = false, say = () => {}, signal } = options;
  const name = cuda ? 'tfjs-node-gpu' : 'tfjs-node';
  const verify = async () => {
    const { device = 'TensorFlow' } = await verifyBackend(name, signal);
    return { name, device } as const;
  };
  if (check) return verify();
  checkPlace();
  if (given === undefined) {
    const works = await verify().catch(() => undefined);
    signal?.throwIfAborted();
    if (works) return works;
  }
  const found = await findTensorFlow({
    cuda,
    say,
    ...(given && { given }),
    ...(signal && { signal }),
  });
  say(`linking ${found.folder}`);
  try {
    await buildAddon(name, found, say, signal);
    return { ...(await verify()), origin: found.origin };
  } catch (error) {
    await rm(nativeFolder(name), { recursive: true, force: true });
    throw error;
  }
}
