import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { inputError } from '../input-error';
import { explainFailure } from './explain-failure';
import { checkMachine, isCudaBuild, type LibraryLayout, layoutOf } from './library-layout';
import { cacheFolder } from './native-folder';
import { runTool, type ToolResult } from './run-tool';

/** A TensorFlow, and where it came from. */
export interface FoundTensorFlow extends LibraryLayout {
  readonly origin: string;
}

/** What is looked for. */
export interface TensorFlowWish {
  readonly cuda: boolean;
  /** A folder or a wheel that the user named. */
  readonly given?: string;
  readonly signal?: AbortSignal;
  say(line: string): void;
}

/** The version that is downloaded: the newest that the addon was built and tested with. */
const version = '2.21.0';

/** Packages of PyPI that bring the library without CUDA, and the name of each platform there. */
const platforms: Readonly<Record<string, { cpu: string; tag: string }>> = {
  x64: { cpu: 'tensorflow_cpu', tag: 'manylinux_2_27_x86_64' },
  arm64: { cpu: 'tensorflow', tag: 'manylinux_2_27_aarch64' },
};

// A folder named tensorflow in the working directory is not the package; nothing is imported.
const whereCode = [
  'import sys, importlib.util as u',
  'sys.path = [p for p in sys.path if p]',
  's = u.find_spec("tensorflow")',
  'print(s.submodule_search_locations[0] if s else "")',
].join('\n');

const unzipCode = [
  'import sys, zipfile',
  'keep = ("tensorflow/include/", "tensorflow/libtensorflow", "tensorflow/python/platform/build_info")',
  'z = zipfile.ZipFile(sys.argv[1])',
  'z.extractall(sys.argv[2], [n for n in z.namelist() if n.startswith(keep)])',
].join('\n');

async function python(
  args: readonly string[],
  { signal }: TensorFlowWish,
  cwd?: string,
): Promise<ToolResult> {
  const result = await runTool('python3', args, {
    ...(signal && { signal }),
    ...(cwd && { cwd }),
  });
  if (result.missing)
    throw new Error(
      "native: there is no python3, which finds and unpacks TensorFlow: install it ('apt-get install python3 python3-pip'), or give --tensorflow a folder",
    );
  return result;
}

const noLibrary =
  'no TensorFlow C library: it needs include/tensorflow/c, libtensorflow_cc.so.2 and libtensorflow_framework.so.2';

/** The TensorFlow that the user named: a folder, or a wheel that is unpacked into the cache. */
async function givenTensorFlow(given: string, wish: TensorFlowWish): Promise<FoundTensorFlow> {
  const path = resolve(given);
  if (!existsSync(path)) throw inputError(`native: ${given}: there is no such file or folder`);
  const folder = path.endsWith('.whl') ? await unpack(path, 'given', wish) : path;
  const layout = layoutOf(folder);
  if (!layout) throw inputError(`native: ${given}: ${noLibrary}`);
  return { ...layout, origin: given };
}

/** The TensorFlow of the Python on the PATH, if it has a library that will do. */
async function installedTensorFlow(wish: TensorFlowWish): Promise<FoundTensorFlow | undefined> {
  const { ok, output } = await python(['-c', whereCode], wish);
  const folder = output.trim().split('\n').at(-1);
  if (!ok || !folder) return undefined;
  const layout = layoutOf(folder);
  const fits = layout && (!wish.cuda || (await isCudaBuild(folder)) !== false);
  if (fits) return { ...layout, origin: 'the Python package tensorflow' };
  wish.say(`passing over ${folder}: ${layout ? 'it is built without CUDA' : noLibrary}`);
  return undefined;
}

async function unpack(wheel: string, name: string, wish: TensorFlowWish): Promise<string> {
  const folder = join(cacheFolder, 'tensorflow', name);
  await rm(folder, { recursive: true, force: true });
  wish.say(`unpacking ${wheel}`);
  const result = await python(['-c', unzipCode, wheel, folder], wish);
  if (!result.ok) {
    await rm(folder, { recursive: true, force: true });
    throw explainFailure('unpack', `unpacking ${wheel}`, result);
  }
  return join(folder, 'tensorflow');
}

/** The TensorFlow of PyPI, downloaded into the cache of the project unless it is there. */
async function downloadedTensorFlow(wish: TensorFlowWish): Promise<FoundTensorFlow> {
  const platform = platforms[process.arch];
  if (!platform) throw new Error(`native: PyPI has no TensorFlow for ${process.arch}`);
  const wheel = `${wish.cuda ? 'tensorflow' : platform.cpu}==${version}`;
  const name = wheel.replace('==', '-');
  const folder = join(cacheFolder, 'tensorflow', name, 'tensorflow');
  const origin = `the wheel ${wheel} of PyPI`;
  const cached = layoutOf(folder);
  if (cached) return { ...cached, origin };
  const download = join(cacheFolder, 'wheels');
  await rm(download, { recursive: true, force: true });
  try {
    wish.say(`downloading ${origin}`);
    const only = ['--no-deps', '--only-binary=:all:', '--no-cache-dir', '--python-version', '3.12'];
    const from = ['-m', 'pip', 'download', '--disable-pip-version-check', ...only];
    const args = [...from, '--platform', platform.tag, '--dest', download, wheel];
    const result = await python(args, wish);
    if (!result.ok) throw explainFailure('download', `downloading ${wheel}`, result);
    const [file] = await readdir(download);
    const layout = layoutOf(await unpack(join(download, file!), name, wish));
    if (!layout) throw new Error(`native: ${origin} holds ${noLibrary}`);
    return { ...layout, origin };
  } finally {
    await rm(download, { recursive: true, force: true });
  }
}

/** Finds a TensorFlow that this machine can link: the one given, Python's, or that of PyPI. */
export async function findTensorFlow(wish: TensorFlowWish): Promise<FoundTensorFlow> {
  const found = wish.given
    ? await givenTensorFlow(wish.given, wish)
    : ((await installedTensorFlow(wish)) ?? (await downloadedTensorFlow(wish)));
  await checkMachine(found);
  return found;
}
