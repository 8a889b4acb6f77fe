const { gaussianBlur, loadDenoiser } = require('spgd');
const { bundledPrior, useBackend } = require('spgd/node');
const { chooseSettings, samplerNamed } = require('spgd/tasks');

useBackend('wasm').then(async ({ name }) => {
  const denoiser = await loadDenoiser(bundledPrior);
  const { parameterCount } = denoiser.metadata;
  const { settings } = chooseSettings('denoising', 'ddrm', denoiser.metadata);
  if (samplerNamed('ddrm', settings).name !== 'ddrm') throw new Error('no sampler');
  console.log(
    `CommonJS: ${name}, ${gaussianBlur({ kernelSize: 3, std: 1 }).name}, ${parameterCount}`,
  );
});
