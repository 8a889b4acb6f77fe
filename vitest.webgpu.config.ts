import { softwareWebgpu } from './test/browser/chromium';
import { pageTests } from './vitest.browser.config';

/**
 * Operators, noise, networks, denoisers, samplers and metrics on WebGPU, which Chromium computes on the
 * processor where there is no graphics card. The files share a page, and so the shaders that it compiles.
 */
export default pageTests({
  backend: 'test/browser/laws/webgpu.ts',
  include: [
    'test/metrics/{psnr,ssim}.test.ts',
    'test/models/graph/layers.test.ts',
    'test/models/networks/*.test.ts',
    'test/models/{gaussian-mixture,grayscale-denoiser,tiled-denoiser}.test.ts',
    'test/operators/**/*.test.ts',
    'test/samplers/**/*.test.ts',
  ],
  exclude: [
    // Chains of hundreds of steps: minutes on a processor. `gradient-based` has the laws of these samplers.
    'samplers/gradient-based-options',
    'samplers/guided-options',
    // Its maps are probed column by column, with the kernels of the other tests.
    'samplers/affine',
  ],
  // Without the large numbers beside the repository.
  testNamePattern: /^(?!.*large numbers)/,
  flags: softwareWebgpu,
  isolate: false,
});
