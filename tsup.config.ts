import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Options } from 'tsup';

const shared = { target: 'es2022', sourcemap: false, outDir: 'dist' } as const;

const source = (path: string) => fileURLToPath(new URL(`src/${path}`, import.meta.url));

type Plugin = NonNullable<Options['esbuildPlugins']>[number];

/** Files of WebAssembly lie beside the worker, which names them as every bundler understands. */
const wasmFiles: Plugin = {
  name: 'wasm-files',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\.wasm\?url$/ }, ({ path }) => ({
      path: createRequire(import.meta.url).resolve(path.replace('?url', '')),
      namespace: 'wasm',
    }));
    onLoad({ filter: /.*/, namespace: 'wasm' }, async ({ path }) => {
      await mkdir('dist', { recursive: true });
      await copyFile(path, `dist/${basename(path)}`);
      return { contents: `export default new URL('./${basename(path)}', import.meta.url).href;` };
    });
  },
};

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

// The command and the tasks are clients of the package like any other: they import it by name.
export default defineConfig([
  {
    ...shared,
    entry: {
      index: 'src/index.ts',
      convert: 'src/models/convert/index.ts',
      node: 'src/node/index.ts',
    },
    format: ['esm', 'cjs'],
    dts: true,
    // The core loads the converter by name, where a model of the hub is asked for.
    external: ['spgd/convert'],
    // here.ts uses __filename where import.meta is empty.
    esbuildOptions: (options) => {
      options.chunkNames = 'chunks/[name]-[hash]';
      options.logOverride = { 'empty-import-meta': 'silent' };
    },
  },
  {
    ...shared,
    entry: { tasks: 'src/tasks/index.ts' },
    format: ['esm', 'cjs'],
    dts: true,
    external: ['spgd'],
  },
  {
    ...shared,
    entry: { browser: 'src/browser/index.ts' },
    format: ['esm', 'cjs'],
    dts: true,
    external: ['spgd', 'spgd/tasks'],
    esbuildOptions: (options) => {
      options.logOverride = { 'empty-import-meta': 'silent' };
    },
  },
  {
    // Complete, with what it needs of TensorFlow.js: a worker resolves no package names.
    ...shared,
    entry: { 'browser-worker': 'src/browser/browser-worker.ts' },
    format: ['esm'],
    platform: 'browser',
    minify: true,
    noExternal: [/.*/],
    esbuildPlugins: [wasmFiles, threadsOfWasm],
    esbuildOptions: (options) => {
      options.chunkNames = 'chunks/worker-[name]-[hash]';
      options.alias = {
        '@tensorflow/tfjs': source('browser/tfjs.ts'),
        'spgd/convert': source('models/convert/index.ts'),
        'spgd/tasks': source('tasks/index.ts'),
        spgd: source('index.ts'),
      };
    },
  },
  {
    ...shared,
    entry: { cli: 'src/cli/main.ts', 'denoise-worker': 'src/node/denoise-worker.ts' },
    format: ['esm'],
    external: ['spgd', 'spgd/convert', 'spgd/node', 'spgd/tasks'],
    esbuildOptions: (options) => {
      options.chunkNames = 'chunks/[name]-[hash]';
    },
  },
]);
