import { existsSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { playwright } from '@vitest/browser-playwright';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { executablePath } from './test/browser/chromium';

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const shared = existsSync(path('../shared')) ? realpathSync(path('../shared')) : path('.');

/** The reference numbers beside the repository, where the tests look for them. */
const fixtures: Plugin = {
  name: 'fixtures',
  configureServer({ middlewares }) {
    middlewares.use((request, _response, next) => {
      if (request.url?.startsWith('/shared/')) request.url = `/@fs${shared}${request.url.slice(7)}`;
      next();
    });
  },
};

/** Tests that read files of the repository, need `spgd/node`, or set what Node says of the memory. */
const needNode = [
  'operators/noise/estimate-noise',
  'operators/jpeg/read-jpeg',
  'operators/nonlinear-blur',
  'samplers/public-code',
  'models/checkpoint/**/*',
  'models/convert/convert-lpips',
  'models/denoisers',
  'models/hub/**/*',
  'models/networks/adm-options',
  'models/grouped-denoiser',
  'models/load-denoiser',
  // Whole runs of the released code: minutes in a page that shares its cores.
  'samplers/spgd-fixtures',
];

/** Tests that need no Node, in pages of Chromium. */
interface PageTests {
  /** The file that starts the backend. */
  readonly backend: string;
  readonly include: string[];
  /** Which tests of these files; all if it is left out. */
  readonly testNamePattern?: RegExp;
  readonly flags?: readonly string[];
  /** Whether each file has a page of its own. */
  readonly isolate?: boolean;
}

/** A configuration of such tests. */
export const pageTests = ({
  backend,
  include,
  testNamePattern,
  flags = [],
  isolate = true,
}: PageTests) =>
  defineConfig({
    plugins: [fixtures],
    define: { 'process.env': {} },
    server: { fs: { allow: [path('.'), shared] } },
    resolve: {
      alias: [
        { find: /^spgd$/, replacement: path('src/index.ts') },
        { find: /^spgd\/tasks$/, replacement: path('src/tasks/index.ts') },
        { find: /^spgd\/convert$/, replacement: path('src/models/convert/index.ts') },
        { find: /^.*\/support\/backend$/, replacement: path(backend) },
        { find: 'node:fs', replacement: path('test/browser/laws/served-files.ts') },
      ],
    },
    optimizeDeps: {
      include: [
        '@tensorflow/tfjs',
        '@tensorflow/tfjs-backend-wasm',
        '@tensorflow/tfjs-backend-webgpu',
        'unzipit',
      ],
    },
    test: {
      include,
      ...(testNamePattern && { testNamePattern }),
      exclude: needNode.map((name) => `test/${name}.test.ts`),
      testTimeout: 120_000,
      isolate,
      browser: {
        enabled: true,
        headless: true,
        screenshotFailures: false,
        provider: playwright({
          launchOptions: {
            ...(executablePath && { executablePath }),
            args: ['--no-sandbox', '--disable-quic', '--disable-background-networking', ...flags],
          },
        }),
        instances: [{ browser: 'chromium' }],
      },
    },
  });

export default pageTests({
  backend: 'test/browser/laws/backend.ts',
  include: ['test/{models,operators,samplers,schedulers}/**/*.test.ts'],
});
