import { firstLoad } from './first-load';

const imports = {
  everything: 'export *',
  'SPGD and one operator': 'export { spgdSample, inpainting, gaussianNoise }',
  'SPGD, one operator and the model loader':
    'export { spgdSample, inpainting, gaussianNoise, loadDenoiser }',
};

for (const [what, statement] of Object.entries(imports)) {
  const { gzip } = await firstLoad(statement);
  console.log(`${what.padEnd(42)} ${(gzip / 1000).toFixed(1)} kB`);
}
