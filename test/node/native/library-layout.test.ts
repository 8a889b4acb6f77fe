import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { expect, it } from 'vitest';
import { depsLinks } from '../../../src/node/native/build-addon';
import {
  checkMachine,
  elfMachine,
  isCudaBuild,
  layoutOf,
} from '../../../src/node/native/library-layout';
import { projectOf } from '../../../src/node/native/native-folder';

const headers = ['include/tensorflow/c/c_api.h', 'include/tensorflow/c/eager/c_api.h'];

/** A folder with these files, all alike. */
async function folderOf(files: readonly string[], content: string | Uint8Array = '') {
  const folder = join(await mkdtemp(join(tmpdir(), 'spgd-layout-')), 'tensorflow');
  for (const file of files) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), content);
  }
  return folder;
}

it('finds the parts of a wheel and of an archive of libtensorflow', async () => {
  const wheel = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
  const archive = ['lib/libtensorflow.so', 'lib/libtensorflow_framework.so.2'];
  for (const libraries of [wheel, archive]) {
    const folder = await folderOf([...headers, ...libraries]);
    const { library, framework, include } = layoutOf(folder)!;
    expect([library, framework]).toEqual(libraries.map((file) => join(folder, file)));
    expect(include).toBe(join(folder, 'include'));
  }
});

it('takes no folder that lacks a header or a library', async () => {
  const all = [...headers, 'libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
  const whole = await folderOf(all);
  expect(layoutOf(whole)?.library).toBe(join(whole, 'libtensorflow_cc.so.2'));
  for (const lost of all)
    expect(layoutOf(await folderOf(all.filter((file) => file !== lost))), lost).toBeUndefined();
});

it('links every name that the addon asks for, and the libraries of CUDA where pip laid them', async () => {
  const folder = await folderOf([
    ...headers,
    'libtensorflow_cc.so.2',
    'libtensorflow_framework.so.2',
  ]);
  const names = () => depsLinks(layoutOf(folder)!).map(([link]) => link);
  const plain = names();
  expect(plain).toEqual(
    expect.arrayContaining(
      ['tensorflow', 'tensorflow_cc', 'tensorflow_framework'].map((name) =>
        join('lib', `lib${name}.so${name === 'tensorflow' ? '' : '.2'}`),
      ),
    ),
  );
  await mkdir(join(dirname(folder), 'nvidia'));
  expect(names()).toEqual([...plain, 'nvidia']);
});

it('reads the processor of a library: that of Node itself is the one Node runs on', async () => {
  const node = await readFile(process.execPath);
  if (process.platform === 'linux') expect(elfMachine(node)).toBe(process.arch);
  const head = new Uint8Array(20);
  expect(elfMachine(head)).toBeUndefined();
  head.set([0x7f, 0x45, 0x4c, 0x46]);
  head.set([183, 0], 18);
  expect(elfMachine(head)).toBe('arm64');
  expect(elfMachine(head.subarray(0, 19))).toBeUndefined();
});

it('refuses the library of another processor', async () => {
  const files = [...headers, 'libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
  const foreign = new Uint8Array(20);
  foreign.set([0x7f, 0x45, 0x4c, 0x46]);
  foreign.set([8, 0], 18);
  await expect(checkMachine(layoutOf(await folderOf(files, foreign))!)).rejects.toThrow(
    /built for machine 8, and this Node runs on /,
  );
  await expect(checkMachine(layoutOf(await folderOf(files, 'text'))!)).rejects.toThrow(
    'is no Linux library',
  );
});

it('reads from the words of a package whether it was built with CUDA', async () => {
  const info = 'python/platform/build_info.py';
  const said = (value: string) => folderOf([info], `[('is_cuda_build', ${value}), ('x', True)]`);
  expect(await isCudaBuild(await said('True'))).toBe(true);
  expect(await isCudaBuild(await said('False'))).toBe(false);
  expect(await isCudaBuild(await folderOf(headers))).toBeUndefined();
});

it('a package lies in the project whose node_modules hold it, and a clone is its own', () => {
  const path = (...parts: string[]) => parts.join(sep);
  expect(projectOf(path('', 'a', 'node_modules', 'spgd'))).toBe(path('', 'a'));
  const nested = path('', 'a', 'node_modules', '.pnpm', 'spgd', 'node_modules', 'spgd');
  expect(projectOf(nested)).toBe(path('', 'a'));
  expect(projectOf(path('', 'a', 'spgd'))).toBe(path('', 'a', 'spgd'));
});
