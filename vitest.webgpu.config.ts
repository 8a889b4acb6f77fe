import { softwareWebgpu } from './test/browser/chromium';
import { pageTests } from './vitest.browser.config';

/**
 * Operators, noise, networks, denoisers, samplers and metrics on WebGPU, which Chromium computes on the
 * processor where there is no graphics card. The files share a page, and so the shaders that it compiles.
 * What takes minutes there is left out: docs/backends.md lists it.
 */
export default pageTests({
  backend: 'test/browser/laws/webgpu.ts',
  include: [
    'test/metrics/ssim.test.ts',
    'test/models/graph/layers.test.ts',
    'test/models/networks/*.test.ts',
    'test/models/{gaussian-mixture,grayscale-denoiser,tiled-denoiser}.test.ts',
    'test/operators/**/*.test.ts',
    'test/samplers/{best-of,dpir,gradient-based,mean-of,mmse,samplers,spgd}.test.ts',
    'test/samplers/loop/{sample,save-state,values}.test.ts',
  ],
  // Without the large numbers beside the repository, and without the same networks with rounded weights.
  testNamePattern: /^(?!.*(large numbers|as '(float16|uint8)'))/,
  flags: softwareWebgpu,
  isolate: false,
});
