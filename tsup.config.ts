import { defineConfig } from 'tsup';
import { browserAlias, browserEntry, workerEntry, workerPlugins } from './tools/browser-build';

const shared = { target: 'es2022', sourcemap: false, outDir: 'dist' } as const;

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
    // Complete: a page without a bundler resolves no package names.
    ...shared,
    entry: browserEntry,
    format: ['esm', 'cjs'],
    dts: true,
    noExternal: ['spgd/tasks'],
    esbuildOptions: (options) => {
      options.alias = browserAlias;
      options.logOverride = { 'empty-import-meta': 'silent' };
    },
  },
  {
    ...shared,
    entry: workerEntry,
    format: ['esm'],
    platform: 'browser',
    minify: true,
    noExternal: [/.*/],
    esbuildPlugins: workerPlugins('dist'),
    esbuildOptions: (options) => {
      options.chunkNames = 'chunks/worker-[name]-[hash]';
      options.alias = browserAlias;
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
