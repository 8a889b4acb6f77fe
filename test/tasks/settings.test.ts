import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { samplerNamed, scheduleOf } from '../../src/tasks/samplers';
import { chooseSettings } from '../../src/tasks/settings';
import { tasks } from '../../src/tasks/tasks';

const read = (path: string) =>
  JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'));

describe('the settings of a run', () => {
  const tuned = { hdr: { spgd: { steps: 7, learningRate: 0.2 }, dps: { steps: 9, zeta: 2 } } };

  it("are those given, then the model's own for the task and the sampler, then the released", () => {
    const { settings, source } = chooseSettings('hdr', 'dps', { settings: tuned }, { sigmaMax: 5 });
    expect(settings).toEqual({ steps: 9, sigmaMax: 5, sigmaMin: 0.1, zeta: 2 });
    expect(source).toBe("the model's settings");
    const other = chooseSettings('hdr', 'daps', { settings: tuned }).settings;
    expect(other).toEqual({ steps: 7, sigmaMax: 100, sigmaMin: 0.1 });
    const round = chooseSettings('hdr', 'spgd:dps', { settings: tuned }).settings;
    expect(round).toMatchObject({ steps: 7, learningRate: 0.2, zeta: 2 });
    const released = chooseSettings('down_sampling', 'spgd', null, { steps: undefined });
    expect(released.settings).toMatchObject({ steps: 100, sigmaMax: 100, learningRate: 7 });
    expect(released.source).toBe('the released settings');
  });

  it('of spgd may name what it goes round, and then only go round that in their own way', () => {
    const spgd = { learningRate: 0.2, base: 'reverse-diffusion', denoiseAt: 'previous' };
    const chosen = (sampler: string) =>
      chooseSettings('hdr', sampler, { settings: { hdr: { spgd } } }).settings;
    const name = (sampler: string) => samplerNamed(sampler, chosen(sampler)).name;
    expect(name('spgd')).toBe('spgd(reverseDiffusion)');
    expect(chosen('spgd:reverse-diffusion')).toMatchObject(spgd);
    expect(chosen('spgd:dps')).not.toHaveProperty('denoiseAt');
    expect(name('spgd:dps')).toBe('spgd(dps)');
    expect(name('spgd:probability-flow')).toBe('spgd(probabilityFlow)');
  });

  it('of spgd round another base are those of spgd round the ODE, where the model has them', () => {
    const spgd = { learningRate: 0.2, base: 'diffpir', temperature: 0.5 };
    const round = { steps: 6, learningRate: 3 };
    const tuned = { hdr: { spgd, 'spgd:probability-flow': round } };
    const { settings } = chooseSettings('hdr', 'spgd:dps', { settings: tuned });
    expect(settings).toEqual({ ...round, sigmaMax: 100, sigmaMin: 0.1 });
    expect(chooseSettings('hdr', 'spgd:diffpir', { settings: tuned }).settings).toMatchObject(spgd);
  });

  it('make a schedule and a sampler, with spgd before the name of the one to go round', () => {
    const { settings } = chooseSettings('hdr', 'spgd', null, { steps: 4 });
    expect(scheduleOf(settings)).toHaveLength(5);
    expect(samplerNamed('spgd', settings).name).toBe('spgd(probabilityFlow)');
    expect(samplerNamed('spgd:reverse-diffusion', settings).name).toBe('spgd(reverseDiffusion)');
    expect(samplerNamed('reverse-diffusion', settings).name).toBe('reverseDiffusion');
    for (const name of ['spgd:', 'toString', 'spgd:spgd', 'nothing'])
      expect(() => samplerNamed(name, settings)).toThrow(
        /^spgd: sampler must be spgd, or spgd: and/,
      );
  });

  it('of the bundled prior are for tasks that there are, and stand in its model.json', () => {
    const tuned = read('tools/train-prior/settings.json');
    expect(read('models/prior64/model.json').userDefinedMetadata.spgd.settings).toEqual(tuned);
    expect(Object.keys(tuned).sort()).toEqual(Object.keys(tasks).sort());
  });
});
