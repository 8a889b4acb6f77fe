import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { requireHere } from '../here';
import { explainFailure, type NativeStep } from './explain-failure';
import type { LibraryLayout } from './library-layout';
import { builtPackage, type NativePackage, nativeFolder } from './native-folder';
import { runTool } from './run-tool';

/** The version of the npm packages that is built. */
const addonVersion = '4.22.0';

interface Tool {
  readonly step: NativeStep;
  readonly what: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
}

async function npm({ step, what, args, cwd, env }: Tool, signal?: AbortSignal): Promise<void> {
  const all = { ...process.env, ...env };
  const result = await runTool('npm', args, { cwd, env: all, ...(signal && { signal }) });
  if (!result.ok) throw explainFailure(step, what, result);
}

/** Where the parts of TensorFlow must lie below a package's `deps`, and what each is. */
export function depsLinks({ folder, include, library, framework }: LibraryLayout) {
  const names = {
    [library]: ['libtensorflow.so', 'libtensorflow.so.2', 'libtensorflow_cc.so.2'],
    [framework]: ['libtensorflow_framework.so', 'libtensorflow_framework.so.2'],
  };
  const libraries = Object.entries(names).flatMap(([target, links]) =>
    links.map((name) => [join('lib', name), target] as const),
  );
  // A CUDA build looks for its libraries in ../nvidia, as pip lays them.
  const nvidia = join(dirname(folder), 'nvidia');
  return [
    ['include', include] as const,
    ...libraries,
    ...(existsSync(nvidia) ? [['nvidia', nvidia] as const] : []),
  ];
}

/** The addon's TensorFlow.js must be that of the project, or each would have backends of its own. */
async function shareTensorFlowJs(scope: string, name: NativePackage): Promise<void> {
  const tfjs = requireHere.resolve('@tensorflow/tfjs/package.json');
  const core = createRequire(tfjs).resolve('@tensorflow/tfjs-core/package.json');
  for (const other of await readdir(scope))
    if (other !== name) await rm(join(scope, other), { recursive: true });
  await symlink(dirname(tfjs), join(scope, 'tfjs'));
  await symlink(dirname(core), join(scope, 'tfjs-core'));
}

/** The prefix that Node's headers are installed under, where they came with Node. */
function headerPrefix(): string | undefined {
  const prefix = dirname(dirname(process.execPath));
  return existsSync(join(prefix, 'include', 'node', 'node_api.h')) ? prefix : undefined;
}

/** Installs the npm package into the cache of the project, links TensorFlow and builds its addon. */
export async function buildAddon(
  name: NativePackage,
  layout: LibraryLayout,
  say: (line: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  const folder = nativeFolder(name);
  const built = builtPackage(name);
  const spec = `@tensorflow/${name}@${addonVersion}`;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{ "private": true }\n');
  say(`installing ${spec}`);
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
  const install = ['install', ...quiet, '--global=false', spec];
  await npm({ step: 'install', what: `installing ${spec}`, args: install, cwd: folder }, signal);
  await shareTensorFlowJs(dirname(built), name);

  await mkdir(join(built, 'deps', 'lib'), { recursive: true });
  for (const [link, target] of depsLinks(layout)) await symlink(target, join(built, 'deps', link));
  say('building its addon (about 15 s)');
  const prefix = process.env.npm_config_nodedir ?? headerPrefix();
  // Headers that node-gyp downloads stay in the project too.
  const devdir = join(folder, 'headers');
  const env = { npm_config_devdir: devdir, ...(prefix && { npm_config_nodedir: prefix }) };
  const args = ['run', 'build-addon-from-source'];
  await npm({ step: 'build', what: 'building the addon', args, cwd: built, env }, signal);
}
