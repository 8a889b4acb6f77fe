import { describe, expect, it } from 'vitest';
import { exported, firstLoad } from '../tools/first-load';

/** Exports that are parts of others by what they are. */
const parts: Readonly<Record<string, readonly string[]>> = {
  adamDps: ['samplers/adam'],
  consistency: ['operators/noise/gaussian-noise'],
  countPasses: [
    'operators/identity',
    'operators/noise/gaussian-noise',
    'samplers/loop/sample',
    'samplers/loop/sampling-error',
    'samplers/loop/steps',
  ],
  defocusBlur: ['operators/disc-kernel'],
  daps: ['operators/noise/gaussian-noise'],
  gradientAngles: ['samplers/directional-momentum'],
  jpeg: ['operators/jpeg/tables'],
  jpegInfo: ['operators/jpeg/tables'],
  readJpeg: ['operators/jpeg/tables'],
  measure: ['operators/noise/gaussian-noise'],
  motionBlur: ['operators/motion-kernel'],
  nonlinearBlur: ['operators/nonlinear-kernel'],
  posterior: [
    'operators/noise/gaussian-noise',
    'samplers/loop/consistency',
    'samplers/loop/sample',
    'samplers/loop/sampling-error',
    'samplers/loop/steps',
  ],
  redDiff: ['samplers/adam'],
  sample: ['operators/noise/gaussian-noise', 'samplers/loop/steps', 'samplers/loop/sampling-error'],
  sitcom: ['samplers/adam'],
  spgd: ['samplers/directional-momentum'],
  steps: ['operators/noise/gaussian-noise', 'samplers/loop/sampling-error'],
  spgdSample: [
    'operators/noise/gaussian-noise',
    'samplers/directional-momentum',
    'samplers/probability-flow',
    'samplers/loop/sample',
    'samplers/loop/sampling-error',
    'samplers/spgd',
    'samplers/loop/steps',
  ],
};
const shared = ['operators/linear-operator', 'samplers/likelihood-gradient'];

const pieces = exported.filter(({ file }) => /^(operators|samplers)\//.test(file));

describe('what a bundler keeps', () => {
  it.each(pieces)(
    '$name comes without the other operators and samplers',
    async ({ name, file }) => {
      const { files } = await firstLoad(`export { ${name} }`);
      const own = [file, ...shared, ...(parts[name] ?? [])];
      const others = new Set(
        pieces.map((piece) => piece.file).filter((other) => !own.includes(other)),
      );
      expect(files).toContain(file);
      expect(files.filter((found) => others.has(found))).toEqual([]);
    },
  );

  it('one operator and one sampler come without denoisers, metrics and readers of files', async () => {
    const { files } = await firstLoad('export { dps, inpainting, sample }');
    const foreign = files.filter((file) => /^(models|metrics|node_modules)\//.test(file));
    expect(foreign).toEqual(['models/linearize', 'models/linearized']);
  });

  it('readers of checkpoints and the layers of networks are loaded when they are called for', async () => {
    const { files, gzip } = await firstLoad('export *');
    const late =
      /^(models\/(checkpoint|convert|graph\/ops)|operators\/jpeg\/decode-jpeg|node_modules)/;
    expect(files.length).toBeGreaterThan(exported.length / 2);
    expect(files.filter((file) => late.test(file))).toEqual([]);
    expect(gzip).toBeLessThan(39_500);
  });
});
