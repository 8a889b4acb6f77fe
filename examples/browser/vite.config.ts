import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

const repository = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

// Threads of WebAssembly share memory, which a browser allows to isolated pages only.
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** What the page may load and contact: nothing foreign. Threads of WebAssembly are blobs. */
const policy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval' blob:",
  "worker-src 'self' blob:",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "connect-src 'self' blob: data:",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/**
 * TensorFlow.js hands a function of this file to its threads as text. Minified, that text names a
 * variable outside the function, which the threads do not have; without the variable it stands alone.
 */
const threadsOfWasm: Plugin = {
  name: 'threads-of-wasm',
  transform: (code, id) =>
    id.includes('tfjs-backend-wasm-threaded-simd.js')
      ? code.replace(/var _scriptDir = [^;]+;\s*if [^;]+;/, '')
      : undefined,
};

/** The model, the policy, and the service worker with the list of files to keep. */
const offline: Plugin = {
  name: 'offline',
  transformIndexHtml: {
    order: 'post',
    handler: (html, { bundle }) =>
      bundle
        ? html.replace(
            '<meta charset="utf-8" />',
            `<meta charset="utf-8" />\n    <meta http-equiv="Content-Security-Policy" content="${policy}" />`,
          )
        : html,
  },
  configureServer({ middlewares }) {
    middlewares.use((request, _response, next) => {
      if (request.url?.startsWith('/light/'))
        request.url = `/@fs${repository('models')}${request.url}`;
      next();
    });
  },
  generateBundle(_options, bundle) {
    // One form of WebAssembly is enough. Photos are fetched where they are opened, and WebGPU where it is.
    const isWebgpu = ({ type, ...file }: { type: string; source?: unknown }) =>
      type === 'asset' && String(file.source).includes('@compute');
    const files = Object.entries(bundle)
      .filter(([name]) => /^assets\/.*\.(js|css)$|threaded.*\.wasm$/.test(name))
      .filter(([name, file]) => name.endsWith('.wasm') || !isWebgpu(file))
      .map(([name]) => name);
    const icons = ['manifest.webmanifest', 'icon.svg', 'icon-192.png', 'icon-512.png'];
    const source = readFileSync(new URL('service-worker.js', import.meta.url), 'utf8')
      .replace("'%POLICY%'", JSON.stringify(policy))
      .replace("'%FILES%'", JSON.stringify([...icons, ...files]));
    this.emitFile({ type: 'asset', fileName: 'service-worker.js', source });
    for (const name of ['model.json', 'group1-shard1of1.bin'])
      this.emitFile({
        type: 'asset',
        fileName: `light/${name}`,
        source: readFileSync(repository(`models/light/${name}`)),
      });
  },
};

export default defineConfig(({ command }) => ({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  // The development server has no service worker.
  define: { IS_BUILT: command === 'build' },
  resolve: {
    alias: [
      // In a copy of this folder spgd comes from npm: remove these lines.
      { find: /^spgd$/, replacement: repository('src/index.ts') },
      { find: /^spgd\/browser$/, replacement: repository('src/browser/index.ts') },
      { find: /^spgd\/convert$/, replacement: repository('src/models/convert/index.ts') },
      { find: /^spgd\/tasks$/, replacement: repository('src/tasks/index.ts') },
      { find: /^@tensorflow\/tfjs$/, replacement: repository('src/browser/tfjs.ts') },
    ],
  },
  plugins: [threadsOfWasm, offline],
  worker: { format: 'es', plugins: () => [threadsOfWasm] },
  // Prepared together, so that all of them share one copy of the core.
  optimizeDeps: {
    include: [
      '@tensorflow/tfjs-core',
      '@tensorflow/tfjs-core/dist/register_all_gradients',
      '@tensorflow/tfjs-converter',
      '@tensorflow/tfjs-backend-wasm',
      '@tensorflow/tfjs-backend-webgpu',
      'unzipit',
    ],
  },
  server: { headers, fs: { allow: [repository('')] } },
  preview: { headers },
  build: { outDir: repository('out/browser'), emptyOutDir: true, chunkSizeWarningLimit: 2000 },
}));
