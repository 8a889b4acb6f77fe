const { gaussianBlur, loadDenoiser } = require('spgd');
const { convertCheckpoint } = require('spgd/convert');
const { bundledPrior, useBackend } = require('spgd/node');
const { chooseSettings, samplerNamed } = require('spgd/tasks');

useBackend('wasm').then(async ({ name }) => {
  const denoiser = await loadDenoiser(bundledPrior);
  const refused = await convertCheckpoint(new Uint8Array(64), { preset: 'ffhq256' }).catch(String);
  if (!refused.startsWith('InputError')) throw new Error(`a checkpoint of zeros gave ${refused}`);
  const { parameterCount } = denoiser.metadata;
  const { settings } = chooseSettings('denoising', 'ddrm', denoiser.metadata);
  if (samplerNamed('ddrm', settings).name !== 'ddrm') throw new Error('no sampler');
  console.log(
    `CommonJS: ${name}, ${gaussianBlur({ kernelSize: 3, std: 1 }).name}, ${parameterCount}`,
  );
});
