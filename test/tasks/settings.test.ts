import { readFileSync } from 'node:fs';
import { chooseSettings, qualities, samplerNamed, scheduleOf, tasks } from 'spgd/tasks';
import { describe, expect, it } from 'vitest';

const read = (path: string) =>
  JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'));

describe('the settings of a run', () => {
  const tuned = {
    'high-dynamic-range': { spgd: { steps: 7, learningRate: 0.2 }, dps: { steps: 9, zeta: 2 } },
  };

  it("are those given, then the model's own for the task and the sampler, then the released", () => {
    const { settings, source } = chooseSettings(
      'high-dynamic-range',
      'dps',
      { settings: tuned },
      { sigmaMax: 5 },
    );
    expect(settings).toEqual({ steps: 9, sigmaMax: 5, sigmaMin: 0.1, zeta: 2 });
    expect(source).toBe('the settings of the model');
    const other = chooseSettings('high-dynamic-range', 'daps', { settings: tuned }).settings;
    expect(other).toEqual({ steps: 7, sigmaMax: 100, sigmaMin: 0.1 });
    const round = chooseSettings('high-dynamic-range', 'spgd:dps', { settings: tuned }).settings;
    expect(round).toMatchObject({ steps: 7, learningRate: 0.2, zeta: 2 });
    const released = chooseSettings('super-resolution', 'spgd', null, { steps: undefined });
    expect(released.settings).toMatchObject({ steps: 100, sigmaMax: 100, learningRate: 7 });
    expect(released.source).toBe('the released settings');
  });

  it('of spgd may name the sampler it wraps, and then hold for that one alone', () => {
    const spgd = { learningRate: 0.2, base: 'reverse-diffusion', denoiseAt: 'previous' };
    const chosen = (sampler: string) =>
      chooseSettings('high-dynamic-range', sampler, {
        settings: { 'high-dynamic-range': { spgd } },
      }).settings;
    const name = (sampler: string) => samplerNamed(sampler, chosen(sampler)).name;
    expect(name('spgd')).toBe('spgd(reverseDiffusion)');
    expect(chosen('spgd:reverse-diffusion')).toMatchObject(spgd);
    expect(chosen('spgd:dps')).not.toHaveProperty('denoiseAt');
    expect(name('spgd:dps')).toBe('spgd(dps)');
    expect(name('spgd:probability-flow')).toBe('spgd(probabilityFlow)');
  });

  it('of spgd with another base are those with the ODE, where the model has them', () => {
    const spgd = { learningRate: 0.2, base: 'diffpir', temperature: 0.5 };
    const round = { steps: 6, learningRate: 3 };
    const tuned = { 'high-dynamic-range': { spgd, 'spgd:probability-flow': round } };
    const { settings } = chooseSettings('high-dynamic-range', 'spgd:dps', { settings: tuned });
    expect(settings).toEqual({ ...round, sigmaMax: 100, sigmaMin: 0.1 });
    expect(
      chooseSettings('high-dynamic-range', 'spgd:diffpir', { settings: tuned }).settings,
    ).toMatchObject(spgd);
  });

  it('of a model may name tasks as the released code does', () => {
    const tuned = { hdr: { spgd: { steps: 3 } }, gaussian_blur: { spgd: { steps: 4 } } };
    const stepsOf = (task: string) =>
      chooseSettings(task, 'spgd', { settings: tuned }).settings.steps;
    expect(stepsOf('high-dynamic-range')).toBe(3);
    expect(stepsOf('gaussian_blur')).toBe(4);
    expect(stepsOf('motion-blur')).toBe(100);
  });

  it('make a schedule and a sampler, with spgd before the name of the one it wraps', () => {
    const { settings } = chooseSettings('high-dynamic-range', 'spgd', null, { steps: 4 });
    expect(scheduleOf(settings)).toHaveLength(5);
    expect(samplerNamed('spgd', settings).name).toBe('spgd(probabilityFlow)');
    expect(samplerNamed('spgd:reverse-diffusion', settings).name).toBe('spgd(reverseDiffusion)');
    expect(samplerNamed('reverse-diffusion', settings).name).toBe('reverseDiffusion');
    for (const name of ['spgd:', 'toString', 'spgd:spgd', 'nothing'])
      expect(() => samplerNamed(name, settings)).toThrow(
        /^spgd: sampler must be spgd, or spgd: and/,
      );
  });

  it('of a level of quality are those of the model, else those of the task', () => {
    const fast = { sampler: 'ddrm', steps: 4, eta: 0.5 };
    const metadata = {
      settings: { 'gaussian-blur': { fast }, 'box-inpainting': { spgd: { steps: 9 } } },
    };
    const chosen = (task: string, quality: string, given = {}) =>
      chooseSettings(task, quality, metadata, given);
    expect(chosen('gaussian-blur', 'fast', { sigmaMax: 2 })).toEqual({
      sampler: 'ddrm',
      settings: { steps: 4, eta: 0.5, sigmaMax: 2, sigmaMin: 0.1 },
      source: 'fast quality',
    });
    expect(chosen('gaussian-blur', 'balanced').sampler).toBe('diffpir');
    expect(chosen('box-inpainting', 'best')).toMatchObject({
      sampler: 'spgd',
      settings: { steps: 9 },
    });
    const { sampler, settings } = chosen('gaussian-blur', 'best');
    expect(samplerNamed(sampler, settings).name).toBe('meanOf(diffpir)');
    expect(chosen('denoising', 'best').sampler).toBe('mmse');
    expect(chosen('an own task', 'fast').sampler).toBe('spgd');
  });

  it('for samples have their calibration only as long as nothing else is asked for', () => {
    const samples = { sampler: 'diffpir', steps: 6, temperature: 1, intervalScale: 1.7 };
    const diffpir = { steps: 9, temperature: 0.5, intervalScale: 1.2 };
    const metadata = { settings: { denoising: { samples, diffpir } } };
    const scaleOf = (sampler: string, given = {}) =>
      chooseSettings('denoising', sampler, metadata, given).settings.intervalScale;
    expect(scaleOf('samples')).toBe(1.7);
    expect(scaleOf('samples', { steps: undefined })).toBe(1.7);
    expect(scaleOf('samples', { steps: 5 })).toBe(undefined);
    expect(scaleOf('diffpir')).toBe(1.2);
    expect(scaleOf('diffpir', { sigmaMax: 2 })).toBe(undefined);
    const { sampler, settings } = chooseSettings('denoising', 'samples', metadata);
    expect(samplerNamed(sampler, settings).name).toBe('diffpir');
    expect(settings).toMatchObject({ steps: 6, temperature: 1 });
  });

  it('for samples name a sampler that draws, for every task', () => {
    for (const { name } of Object.values(tasks)) {
      const { sampler, settings } = chooseSettings(name, 'samples', null);
      expect(samplerNamed(sampler, settings).isEstimate).toBe(undefined);
    }
  });

  it('of every level make a sampler and noise levels, for every task', () => {
    for (const { name } of Object.values(tasks))
      for (const quality of qualities) {
        const { sampler, settings } = chooseSettings(name, quality, null);
        expect(scheduleOf(settings)).toHaveLength(settings.steps + 1);
        expect(samplerNamed(sampler, settings).name).toMatch(
          /^(meanOf\()?(selfEnsemble\()?(mmse|diffpir|dpir|spgd|bestOf)/,
        );
      }
  });

  it('mirror images for the levels of a model that was trained on them', () => {
    const mirrorsOf = (quality: string, metadata: object | null, given = {}) =>
      chooseSettings('denoising', quality, metadata, given).settings.mirrors;
    expect(mirrorsOf('best', { mirrored: true })).toBe('mean');
    expect(mirrorsOf('best', {})).toBe(undefined);
    expect(mirrorsOf('best', null)).toBe(undefined);
    expect(mirrorsOf('best', null, { mirrors: 'in-turn' })).toBe('in-turn');
    expect(mirrorsOf('samples', { mirrored: true })).toBe(undefined);
    for (const task of ['gaussian-blur', 'random-inpainting', 'jpeg', 'demosaicing'])
      for (const quality of qualities) {
        const { settings } = chooseSettings(task, quality, { mirrored: true });
        expect(settings.mirrors).toBe('in-turn');
      }
  });

  it('of the bundled prior name the tasks that need tuning, and are in its model.json', () => {
    const tuned = read('tools/train-prior/settings.json');
    expect(read('models/prior64/model.json').userDefinedMetadata.spgd.settings).toEqual(tuned);
    const untuned = ['jpeg', 'defocus-blur', 'colorization', 'demosaicing'];
    const named = Object.keys(tasks).filter((name) => !untuned.includes(name));
    expect(Object.keys(tuned).sort()).toEqual(named.sort());
  });
});
