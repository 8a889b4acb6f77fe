const { gaussianBlur, loadDenoiser } = require('spgd');
const { bundledPrior, useBackend } = require('spgd/node');

useBackend('wasm').then(async ({ name }) => {
  const denoiser = await loadDenoiser(bundledPrior);
  const { parameterCount } = denoiser.metadata;
  console.log(
    `CommonJS: ${name}, ${gaussianBlur({ kernelSize: 3, std: 1 }).name}, ${parameterCount}`,
  );
});
