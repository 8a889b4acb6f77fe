import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BuildOptions, Plugin } from 'esbuild';

const source = (path: string) => fileURLToPath(new URL(`../src/${path}`, import.meta.url));

/** Files of WebAssembly lie beside the worker, which names them as every bundler understands. */
const wasmFiles = (folder: string): Plugin => ({
  name: 'wasm-files',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\.wasm\?url$/ }, ({ path }) => ({
      path: createRequire(import.meta.url).resolve(path.replace('?url', '')),
      namespace: 'wasm',
    }));
    onLoad({ filter: /.*/, namespace: 'wasm' }, async ({ path }) => {
      await mkdir(folder, { recursive: true });
      await copyFile(path, join(folder, basename(path)));
      return { contents: `export default new URL('./${basename(path)}', import.meta.url).href;` };
    });
  },
});

/**
 * TensorFlow.js hands a function of this file to its threads as text. Minified, that text names a
 * variable outside the function, which the threads do not have; without the variable it stands alone.
 */
const threadsOfWasm: Plugin = {
  name: 'threads-of-wasm',
  setup({ onLoad }) {
    onLoad({ filter: /tfjs-backend-wasm-threaded-simd\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replace(/var _scriptDir = [^;]+;\s*if [^;]+;/, ''),
    }));
  },
};

/** The module of a page, which needs neither a bundler nor TensorFlow.js. */
export const browserEntry = { browser: source('browser/index.ts') };

/** Its worker, with what it needs of TensorFlow.js: a worker resolves no package names. */
export const workerEntry = { 'browser-worker': source('browser/browser-worker.ts') };

/** Names of packages and the files that stand for them in the page and its worker. */
export const browserAlias = {
  '@tensorflow/tfjs': source('browser/tfjs.ts'),
  'spgd/convert': source('models/convert/index.ts'),
  'spgd/tasks': source('tasks/index.ts'),
  spgd: source('index.ts'),
};

/** What the build of the worker needs. */
export const workerPlugins = (folder: string): Plugin[] => [wasmFiles(folder), threadsOfWasm];

/** Builds both into a folder, as the package has them. */
export const browserBuild = (outdir: string): BuildOptions => ({
  entryPoints: { ...browserEntry, ...workerEntry },
  outdir,
  bundle: true,
  splitting: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  platform: 'browser',
  chunkNames: 'chunks/worker-[name]-[hash]',
  alias: browserAlias,
  plugins: workerPlugins(outdir),
  logLevel: 'error',
});
