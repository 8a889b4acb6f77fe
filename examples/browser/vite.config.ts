import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

const repository = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

// Threads of WebAssembly share memory, which a browser allows to isolated pages only.
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/**
 * TensorFlow.js hands a function of this file to its threads as text. Minified, that text names a
 * variable round the function, which the threads do not have; without the variable it stands alone.
 */
const threadsOfWasm: Plugin = {
  name: 'threads-of-wasm',
  transform: (code, id) =>
    id.includes('tfjs-backend-wasm-threaded-simd.js')
      ? code.replace(/var _scriptDir = [^;]+;\s*if [^;]+;/, '')
      : undefined,
};

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './/',
  // The models of the package, under their own names: a model.json names its weights.
  publicDir: repository('models'),
  resolve: {
    alias: [
      // In a copy of this folder spgd comes from npm: remove these three lines.
      { find: /^spgd$/, replacement: repository('src/index.ts') },
      { find: /^spgd\/convert$/, replacement: repository('src/models/convert/index.ts') },
      { find: /^spgd\/tasks$/, replacement: repository('src/tasks/index.ts') },
      { find: /^@tensorflow\/tfjs$/, replacement: repository('examples/browser/src/tfjs.ts') },
    ],
  },
  plugins: [threadsOfWasm],
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
});
