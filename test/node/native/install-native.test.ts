import { chmod, mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findTensorFlow } from '../../../src/node/native/find-tensorflow';
import { installNative } from '../../../src/node/native/install-native';

const place = vi.hoisted(() => ({ cache: '' }));
vi.mock('../../../src/node/native/native-folder', async (original) => ({
  ...(await original<object>()),
  get cacheFolder() {
    return place.cache;
  },
  nativeFolder: (name: string) => `${place.cache}/${name}`,
  builtPackage: (name: string) => `${place.cache}/${name}/node_modules/@tensorflow/${name}`,
}));

// It starts a process that looks where this package really lies.
vi.mock('../../../src/node/native/verify-backend', () => ({
  verifyBackend: async () => {
    throw new Error('native: starting tfjs-node failed: the addon is broken');
  },
}));

let root: string;
let library: string;

/** A shell script in the place of a program; an empty PATH beside it. */
async function fake(name: string, script: string): Promise<void> {
  await writeFile(join(root, 'bin', name), `#!/bin/sh\n${script}\n`);
  await chmod(join(root, 'bin', name), 0o755);
}

/** An ELF head for this processor, which is all that is looked at before the linker. */
function elf(): Uint8Array {
  const head = new Uint8Array(20);
  head.set([0x7f, 0x45, 0x4c, 0x46]);
  head[18] = process.arch === 'arm64' ? 183 : 62;
  return head;
}

const headers = ['include/tensorflow/c/c_api.h', 'include/tensorflow/c/eager/c_api.h'];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'spgd-native-'));
  place.cache = join(root, 'cache');
  library = join(root, 'python', 'tensorflow');
  const libraries = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
  for (const file of [...headers, ...libraries]) {
    await mkdir(dirname(join(library, file)), { recursive: true });
    await writeFile(join(library, file), elf());
  }
  await mkdir(join(root, 'bin'));
  vi.stubEnv('PATH', [join(root, 'bin'), '/nowhere'].join(delimiter));
});

afterEach(() => {
  vi.unstubAllEnvs();
});

const said: string[] = [];
const wish = { cuda: false, say: (line: string) => said.push(line) };
const failure = (work: Promise<unknown>) =>
  work.then(
    () => 'no failure',
    ({ name, message }: Error) => `${name}: ${message}`.replaceAll(root, '<root>'),
  );

describe.skipIf(process.platform !== 'linux')('TensorFlow is looked for', () => {
  it('in a folder that was named, without any Python', async () => {
    const found = await findTensorFlow({ ...wish, given: library });
    expect(found.origin).toBe(library);
    expect(found.library).toBe(join(library, 'libtensorflow_cc.so.2'));
  });

  it('in a folder that is none: wrong input, with what it needs', async () => {
    expect(await failure(findTensorFlow({ ...wish, given: root }))).toMatchInlineSnapshot(
      `"InputError: native: <root>: no TensorFlow C library: it needs include/tensorflow/c, libtensorflow_cc.so.2 and libtensorflow_framework.so.2"`,
    );
    expect(
      await failure(findTensorFlow({ ...wish, given: join(root, 'x') })),
    ).toMatchInlineSnapshot(`"InputError: native: <root>/x: there is no such file or folder"`);
  });

  it('in the Python on the PATH, whatever that prints before', async () => {
    await fake('python3', `echo a warning; echo ${library}`);
    const found = await findTensorFlow(wish);
    expect(found.origin).toBe('the Python package tensorflow');
    expect(found.folder).toBe(library);
  });

  it('at PyPI where that Python has one without CUDA and CUDA is asked for', async () => {
    await mkdir(join(library, 'python', 'platform'), { recursive: true });
    await writeFile(join(library, 'python/platform/build_info.py'), "('is_cuda_build', False)");
    await fake('python3', `[ "$1" = -c ] && echo ${library} || { echo no pip named; exit 1; }`);
    expect(await failure(findTensorFlow({ ...wish, cuda: true }))).toMatchInlineSnapshot(
      `"Error: native: downloading tensorflow==2.21.0 failed: no pip named"`,
    );
    expect(said.at(-2)).toContain('it is built without CUDA');
  });

  it('and is missed for want of Python, pip or network with what to do', async () => {
    expect(await failure(findTensorFlow(wish))).toMatchInlineSnapshot(
      `"Error: native: there is no python3, which finds and unpacks TensorFlow: install it ('apt-get install python3 python3-pip'), or give --tensorflow a folder"`,
    );
    await fake('python3', '[ "$1" = -c ] || { echo "python3: No module named pip" >&2; exit 1; }');
    expect(await failure(findTensorFlow(wish))).toContain('Python has no pip: install it');
    await fake('python3', '[ "$1" = -c ] || { echo "ProxyError: refused" >&2; exit 1; }');
    expect(await failure(findTensorFlow(wish))).toContain('PyPI cannot be reached');
    expect(await readdir(place.cache).catch(() => [])).toEqual([]);
  });

  it('in what a download brought, which is unpacked once', async () => {
    // The last argument but one of pip names the folder; the code that unpacks gets it as well.
    await fake(
      'python3',
      `case "$*" in
        *download*) for a; do [ "$p" = --dest ] && /bin/mkdir -p "$a" && : >"$a/tf.whl"; p=$a; done;;
        *zipfile*) for a; do to=$a; done; /bin/mkdir -p "$to"; /bin/cp -r ${library} "$to/";;
      esac`,
    );
    const first = await findTensorFlow(wish);
    expect(first.folder.startsWith(place.cache)).toBe(true);
    expect(await readdir(place.cache)).toEqual(['tensorflow']);
    await fake('python3', '[ "$1" = -c ] || exit 1');
    expect(await findTensorFlow(wish)).toEqual(first);
  });
});

describe.skipIf(process.platform !== 'linux')('what fails is undone', () => {
  const install = () => failure(installNative({ tensorflow: library }));
  const npmInstalls = `
    if [ "$1" = install ]; then
      for name in tfjs-node tfjs tfjs-core; do
        /bin/mkdir -p "node_modules/@tensorflow/$name"; echo '{}' >"node_modules/@tensorflow/$name/package.json"
      done; exit 0
    fi`;

  it.each([
    ['without npm', undefined, 'there is no such program'],
    ['without a registry', 'echo npm error code EAI_AGAIN; exit 1', 'npm registry cannot'],
    ['without make', `${npmInstalls}\necho "gyp ERR! not found: make"; exit 1`, 'there is no make'],
    ['where the addon does not load', `${npmInstalls}\nexit 0`, 'starting tfjs-node failed'],
  ])('%s', async (_, script, text) => {
    if (script) await fake('npm', script);
    expect(await install()).toContain(text);
    expect(await readdir(place.cache)).toEqual([]);
  });

  it('when it is stopped', async () => {
    const stop = new AbortController();
    await fake('npm', 'exec /bin/sleep 20');
    const say = (line: string) =>
      line.startsWith('installing') && setTimeout(() => stop.abort(), 50);
    const work = installNative({ tensorflow: library, say, signal: stop.signal });
    expect(await failure(work)).toMatch(/^AbortError/);
    expect(await readdir(place.cache)).toEqual([]);
  });
});
