import { defineConfig } from 'tsup';

const shared = { target: 'es2022', sourcemap: false, outDir: 'dist' } as const;

// The command is a client of the package like any other: it imports `spgd` and `spgd/node` by name.
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
    // here.ts uses __filename where import.meta is empty.
    esbuildOptions: (options) => {
      options.chunkNames = 'chunks/[name]-[hash]';
      options.logOverride = { 'empty-import-meta': 'silent' };
    },
  },
  {
    ...shared,
    entry: { cli: 'src/cli/main.ts', 'denoise-worker': 'src/node/denoise-worker.ts' },
    format: ['esm'],
    external: ['spgd', 'spgd/convert', 'spgd/node'],
    esbuildOptions: (options) => {
      options.chunkNames = 'chunks/[name]-[hash]';
    },
  },
]);
