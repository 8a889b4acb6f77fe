import type { Tensor4D } from '@tensorflow/tfjs';
import {
  edmSchedule,
  type ForwardOperator,
  gaussianBlur,
  gaussianNoise,
  highDynamicRange,
  inpainting,
  type LoadedDenoiser,
  phaseRetrieval,
  probabilityFlow,
  type SpgdOptions,
  type StepInfo,
  sample,
  spgd,
  superResolution,
} from 'spgd';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { useTestBackend } from '../support/backend';
import { normError } from '../support/close';
import type { Fixture } from '../support/fixtures';
import { fixtureDenoiser } from '../support/model';
import { againstReferences } from '../support/references';

const tasks: Record<string, (fixture: Fixture) => ForwardOperator> = {
  'down-sampling': () => superResolution({ scale: 4 }),
  'gaussian-blur': () => gaussianBlur({ kernelSize: 9, std: 1.5 }),
  'high-dynamic-range': () => highDynamicRange({ scale: 2 }),
  'inpainting-random': (fixture) => inpainting({ mask: fixture.tensor('mask') }),
  'phase-retrieval': () => phaseRetrieval({ oversample: 2 }),
};

const variants: Record<string, Partial<SpgdOptions>> = {
  released: { momentum: 0, denoiseAt: 'previous' },
  adm: { denoiseAt: 'previous' },
  adm_latest: { denoiseAt: 'latest' },
};

/** The steps of which both ends were recorded: number, state before, state after. */
function recordedSteps({ names, metadata }: Fixture, variant: string) {
  const last = Number(metadata.steps) - 1;
  const after = (index: number) =>
    index < 0 ? 'x_start' : `${variant}_${index === last ? 'sample' : `x_${index}`}`;
  return Array.from({ length: last + 1 }, (_, index) => ({
    index,
    before: after(index - 1),
    after: after(index),
  })).filter((step) => names.includes(step.before) && names.includes(step.after));
}

againstReferences('SPGD against the released code', (reference) => {
  useTestBackend('wasm');
  let denoiser: LoadedDenoiser;
  beforeAll(async () => {
    denoiser = await fixtureDenoiser(reference);
  });
  afterAll(() => denoiser.dispose());

  for (const [task, operatorOf] of Object.entries(tasks)) {
    for (const [variant, options] of Object.entries(variants)) {
      const parts = () => {
        const fixture = reference.fixture(`spgd-${task}`);
        const number = (key: string) => Number(fixture.metadata[key]);
        const sampler = spgd(probabilityFlow(), {
          learningRate: number('lr'),
          warmupSteps: number('warmup_steps'),
          momentum: number('beta'),
          decay: 1 - number('lr_min_ratio'),
          ...options,
        });
        const schedule = edmSchedule({
          steps: number('steps'),
          sigmaMax: number('sigma_max'),
          sigmaMin: number('sigma_min'),
          rho: number('rho'),
        });
        const measurement: Tensor4D = fixture.tensor('measurement');
        const problem = { denoiser, operator: operatorOf(fixture), measurement };
        return { fixture, sampler, schedule, problem, gradientsAStep: number('warmup_steps') };
      };

      it(`reaches the sample of ${task}, ${variant}`, async () => {
        const { fixture, sampler, schedule, problem, gradientsAStep } = parts();
        // The released code records the residual at the last gradient of each step.
        const residuals: Float32Array[] = [];
        const errors: number[] = [];
        const noise = gaussianNoise(0);
        const recording = {
          ...noise,
          residual(...of: Parameters<typeof noise.residual>) {
            const residual = noise.residual(...of);
            residuals.push(residual.dataSync<'float32'>().slice());
            return residual;
          },
        };
        const onStep = () => {
          errors.push(...residuals[gradientsAStep - 1]!);
          residuals.length = 0;
        };
        const start: Tensor4D = fixture.tensor('x_start');
        const imageShape = start.shape.slice(1) as [number, number, number];
        const run = { schedule, start, imageShape, onStep };
        const result = await sample(sampler, { ...problem, noise: recording }, run);
        const off = normError(result.sample, fixture.values(`${variant}_sample`));
        console.log(`${task} ${variant} whole run: ${off.toExponential(2)}`);
        expect(off).toBeLessThan(1e-3);
        const recorded = `${variant}_error`;
        if (!fixture.names.includes(recorded)) return;
        expect(normError(errors, fixture.values(recorded))).toBeLessThan(1e-3);
      });

      it(`takes every recorded step of ${task}, ${variant}`, async () => {
        const { fixture, sampler, schedule, problem } = parts();
        const steps = recordedSteps(fixture, variant);
        expect(steps.length).toBeGreaterThan(3);
        let worst = 0;
        for (const { index, before, after } of steps) {
          const x: Tensor4D = fixture.tensor(before);
          const imageShape = x.shape.slice(1) as [number, number, number];
          const resume = { index, state: { x } };
          const stop = new AbortController();
          let reached: Float32Array | undefined;
          let denoised: Float32Array | undefined;
          const onStep = (info: StepInfo) => {
            reached = info.x.dataSync<'float32'>();
            denoised = info.denoised.dataSync<'float32'>();
            stop.abort();
          };
          const run = { schedule, resume, imageShape, onStep, signal: stop.signal };
          await sample(sampler, problem, run).catch(() => undefined);
          worst = Math.max(worst, normError(reached!, fixture.values(after)));
          const estimate = `released_denoised_${index}`;
          if (variant !== 'released' || !fixture.names.includes(estimate)) continue;
          expect(normError(denoised!, fixture.values(estimate))).toBeLessThan(1e-3);
        }
        console.log(`${task} ${variant} worst step: ${worst.toExponential(2)}`);
        expect(worst).toBeLessThan(1e-3);
      });
    }
  }
});
