import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^spgd$/, replacement: source('src/index.ts') },
      { find: /^spgd\/browser$/, replacement: source('src/browser/index.ts') },
      { find: /^spgd\/convert$/, replacement: source('src/models/convert/index.ts') },
      { find: /^spgd\/node$/, replacement: source('src/node/index.ts') },
      { find: /^spgd\/tasks$/, replacement: source('src/tasks/index.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/support/temporary-folder.ts',
    testTimeout: 120_000,
    // Closing a browser takes 30 s at worst on a busy machine: Playwright kills it then.
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
});
