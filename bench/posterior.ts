import type { Tensor4D } from '@tensorflow/tfjs';
import { Command } from 'commander';
import {
  adamDps,
  daps,
  ddnm,
  ddrm,
  diffpir,
  dps,
  edmSchedule,
  type InverseProblem,
  mpgd,
  type NoiseLevelSampler,
  pigdm,
  pnpDm,
  probabilityFlow,
  redDiff,
  reverseDiffusion,
  type Sampler,
  type SamplerState,
  sample,
  sitcom,
  spgd,
} from 'spgd';
import { useBackend } from 'spgd/node';
import { normalNumber, uniformGenerator } from '../src/internal/random';
import type { Moments } from '../test/samplers/affine';
import { combine, type Dense } from '../test/support/dense';
import { blockMoments, blockProblems, exactDraws, momentsOf } from './block-problem';
import { exactSamples, instances, maxSlicedWasserstein, problemOf, rowsOf } from './mixture-25';
import { mixtureProblem, modeShares, trueShares } from './mixture-problem';
import { counted } from './passes';

/**
 * Every posterior sampler, one line each, with the defaults of its paper; those at the noise level
 * are wrapped by `spgd` as well. The chain of `daps` has steps that suit the noise.
 */
const samplers = (std: number): readonly Sampler[] => [
  ddnm(),
  ddrm(),
  diffpir(),
  pigdm(),
  dps(),
  adamDps() as unknown as Sampler,
  mpgd(),
  sitcom(),
  daps({ learningRate: Math.min(std ** 2 / 10, 0.005) }),
  redDiff() as unknown as Sampler,
  pnpDm(),
];

/** They draw from the prior, and see the measurement through `spgd` alone. */
const priors: readonly Sampler[] = [probabilityFlow(), reverseDiffusion()];

const options = new Command()
  .option('--steps <n>', 'diffusion steps', Number, 100)
  .option('--learning-rate <x>', 'of spgd', Number, 0.2)
  .option('--side <pixels>', 'side of the images of the Gaussian problems', Number, 128)
  .option('--batch <n>', 'how many of them', Number, 4)
  .option('--items <n>', 'samples of the two-mode problem', Number, 1000)
  .option('--only <names>', 'only these samplers, by comma')
  .option('--problem <words>', 'only the problems with these words in their title', '')
  .parse()
  .opts();

const schedule = edmSchedule({ steps: options.steps, sigmaMax: 80, sigmaMin: 0.01 });

const wrapped = (base: Sampler): Sampler =>
  spgd(base as NoiseLevelSampler<SamplerState>, { learningRate: options.learningRate });

/** The samplers for a problem, alone and inside `spgd`. */
const samplersFor = ({ noise }: InverseProblem): Sampler[] =>
  [
    ...samplers(noise.std!).flatMap((one) => (one.atNoiseLevel ? [one, wrapped(one)] : [one])),
    ...priors.map(wrapped),
  ].filter(({ name }) => !options.only || options.only.split(',').includes(name));

/** Runs a sampler, and counts its passes for one step. */
async function run(
  sampler: Sampler,
  problem: InverseProblem,
): Promise<{ x: Tensor4D; passes: string }> {
  const { denoiser, take } = counted(problem.denoiser);
  const { sample: x } = await sample(sampler, { ...problem, denoiser }, { schedule });
  const { forward, gradient } = take();
  const each = (count: number) => +(count / options.steps).toFixed(1);
  return { x, passes: `${each(forward)} + ${each(gradient)}` };
}

const cells = (...values: readonly (string | number)[]) => `| ${values.join(' | ')} |`;
const title = (text: string, ...columns: string[]) =>
  console.log(`\n### ${text}\n\n${cells(...columns)}\n|${'---|'.repeat(columns.length)}`);

const trace = ({ covariance }: Moments) => covariance.reduce((sum, row, i) => sum + row[i]!, 0);
const norm = (values: readonly number[]) => Math.hypot(...values);

/** How far moments lie from the true ones. */
function distances(got: Moments, truth: Moments): string[] {
  const mean = norm(got.mean.map((value, i) => value - truth.mean[i]!)) / Math.sqrt(trace(truth));
  const spread = Math.sqrt(trace(got) / trace(truth));
  const difference = combine(1, got.covariance, -1, truth.covariance).flat();
  const covariance = norm(difference) / norm(truth.covariance.flat());
  return [mean.toFixed(3), spread.toFixed(3), covariance.toFixed(3)];
}

/** A row of a table, or the reason why there is none. */
async function row(sampler: Sampler, make: () => Promise<string[]>): Promise<void> {
  try {
    console.log(cells(sampler.name, ...(await make())));
  } catch (error) {
    console.log(cells(sampler.name, `fails: ${(error as Error).message.split(';')[0]}`));
  }
}

await useBackend('wasm');

for (const [name, make] of Object.entries(blockProblems)) {
  if (!name.includes(options.problem)) continue;
  const { problem, posterior } = make(options.batch, options.side);
  const columns = ['passes a step', 'mean error', 'spread', 'covariance error'];
  title(`A Gaussian posterior: ${name}`, 'sampler', ...columns);
  const uniform = uniformGenerator('sample', 1);
  const count = (options.batch * options.side ** 2) / 4;
  const draws = exactDraws(posterior, count, () => normalNumber(uniform));
  console.log(cells('the posterior itself', '', ...distances(momentsOf(draws), posterior)));
  for (const sampler of samplersFor(problem)) {
    await row(sampler, async () => {
      const { x, passes } = await run(sampler, problem);
      const moments = await blockMoments(x);
      x.dispose();
      return [passes, ...distances(moments, posterior)];
    });
  }
}

const modes = 'Two modes';
if (modes.includes(options.problem)) {
  title(modes, 'sampler', 'bright', 'dark', 'neither', 'spread around a mode');
  const shares = ({ bright, dark, spread }: Awaited<ReturnType<typeof modeShares>>) =>
    [bright, dark, Math.max(0, 1 - bright - dark), spread].map((value) => value.toFixed(3));
  console.log(cells('the posterior itself', ...shares(trueShares())));
  const problem = mixtureProblem(options.items);
  for (const sampler of samplersFor(problem)) {
    await row(sampler, async () => {
      const { x } = await run(sampler, problem);
      const found = shares(await modeShares(x));
      x.dispose();
      return found;
    });
  }
}
const mixture = '25 modes';
if (mixture.includes(options.problem)) {
  const columns = instances.map(({ measurement }) => `${measurement.length} of 8 measured`);
  title(`${mixture}: the largest sliced 2-Wasserstein distance`, 'sampler', ...columns);
  const seeded = (seed: number) => uniformGenerator('sample', seed);
  const truths = instances.map((instance, i) => exactSamples(instance, 10_000, seeded(i)));
  const distance = (rows: Dense, i: number) =>
    maxSlicedWasserstein(rows, truths[i]!, seeded(i)).toFixed(2);
  const exact = instances.map((instance, i) =>
    distance(exactSamples(instance, 1000, seeded(100 + i)), i),
  );
  console.log(cells('the posterior itself', ...exact));
  const far = edmSchedule({ steps: options.steps, sigmaMax: 150, sigmaMin: 0.01 });
  const problems = instances.map((instance) => problemOf(instance, 1000));
  const each = problems.map(samplersFor);
  for (const [index, named] of each[0]!.entries()) {
    await row(named, async () => {
      const found: string[] = [];
      for (const [i, problem] of problems.entries()) {
        const { sample: x } = await sample(each[i]![index]!, problem, { schedule: far });
        found.push(distance(await rowsOf(x), i));
        x.dispose();
      }
      return found;
    });
  }
}
process.exit(0);
