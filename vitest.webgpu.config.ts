import { softwareWebgpu } from './test/browser/chromium';
import { pageTests } from './vitest.browser.config';

/**
 * The laws of operators, denoisers and samplers and the numbers of PyTorch on WebGPU, which Chromium computes
 * on the processor where there is no graphics card. Other tests read at once, which WebGPU does not do.
 */
export default pageTests({
  backend: 'test/browser/laws/webgpu.ts',
  include: [
    'test/operators/*.test.ts',
    'test/operators/jpeg/jpeg.test.ts',
    // Compiling the shaders of deeper networks takes minutes on a processor.
    'test/models/networks/{drunet,gain-unet}.test.ts',
    'test/models/{gaussian-mixture,grayscale-denoiser,tiled-denoiser}.test.ts',
    'test/samplers/{dpir,gradient-based,mmse,samplers}.test.ts',
  ],
  // Without the large numbers beside the repository.
  testNamePattern: /^(?!.*large numbers).*(on webgpu|keeps the laws)/,
  flags: softwareWebgpu,
});
