import { join } from 'node:path';
import { countPasses, type Sampler } from 'spgd';
import { type Pixels, readPixels, useBackend, writePixels } from 'spgd/node';
import { samplerNamed, scheduleOf } from '../tasks/samplers';
import { chooseSettings } from '../tasks/settings';
import { type Task, tasks } from '../tasks/tasks';
import { photoPath } from './photo';
import { showProgress } from './progress';
import { taskOf } from './restore/degradation';
import { consent, spoken, timePass } from './restore/forecast';
import { type Job, makeJob, type Order, takeOrder } from './restore/job';
import { type Journal, openJournal } from './restore/journal';
import { originOf, settingsText } from './restore/origin';
import { outPaths } from './restore/out-path';
import { photoNotes } from './restore/photo-notes';
import { coloursOf } from './restore/photo-pixels';
import type { Piece } from './restore/pieces';
import { checkChannels, type Prior, startPrior } from './restore/prior';
import { type Figures, figuresText, rate } from './restore/rate';
import type { RestoreOptions } from './restore/restore-options';
import { type PieceSettings, runPieces, type Work, workDone, workOf } from './restore/run-pieces';

type Say = (line: string) => void;

/** One picture to be made: its file, its pieces, and what is kept of it on disk. */
interface Target {
  readonly job: Job;
  readonly out: string;
  readonly seed: number;
  readonly pieces: readonly Piece[];
  readonly picture: () => Pixels;
  readonly journal: Journal;
}

/** What has become of it. */
interface Outcome {
  readonly out: string;
  readonly seed: number;
  readonly before: Figures | undefined;
  readonly after: Figures | undefined;
}

/** Reads all photos, and checks what can be checked before a backend is started. */
async function takeOrders(
  paths: readonly string[],
  options: RestoreOptions,
  say: Say,
): Promise<Order[]> {
  const task = taskOf(options);
  const { size, grayscale = false } = options;
  const orders: Order[] = [];
  for (const path of paths) {
    const photo = await readPixels(path, { grayscale, ...(size && { size }) });
    const { notes, isLossy } = await photoNotes(path);
    for (const note of notes) say(`note: ${note}`);
    orders.push(await takeOrder({ path, photo, isLossy, task }, options));
  }
  return orders;
}

function sayJob(
  { path, photo }: Order,
  { missing, noise }: Job,
  { mask }: RestoreOptions,
  say: Say,
): void {
  const [height, width] = photo.shape;
  if (missing !== undefined) {
    const share = missing / (height * width);
    const percent = (100 * share).toFixed(2);
    say(`${path}: ${missing} of ${width} x ${height} pixels are missing (${percent} %)`);
    if (mask && share > 0.5)
      say('note: more than half is missing; is the mask the wrong way round? Painted is missing');
  }
  say(`noise: standard deviation ${noise.std.toFixed(4)} on [-1, 1], ${noise.source}`);
}

/** Times one pass, tells how long the whole will take, and asks where that is long. */
async function foresee(
  targets: readonly Target[],
  sampler: Sampler,
  schedule: PieceSettings['schedule'],
  {
    prior,
    channels,
    yes,
    say,
  }: { prior: Prior; channels: number; yes?: boolean | undefined; say: Say },
): Promise<Pick<PieceSettings, 'passes' | 'times'> & { work: Work }> {
  const pieces = targets.flatMap((target) => target.pieces);
  const tiles = pieces.map((piece) => piece.tiles);
  const most = Math.min(
    prior.groupSize * prior.workers,
    tiles.reduce((a, b) => Math.max(a, b), 1),
  );
  const passes = await countPasses(sampler, schedule);
  const times = await timePass(prior, most, channels);
  const cost = { passes, times };
  const work: Work = {
    total: workOf(pieces, cost),
    done: 0,
    step: 0,
    steps: pieces.length * passes.length,
  };
  for (const target of targets) work.done += await workDone(target, cost);
  const count = passes.reduce((sum, { denoise, gradient }) => sum + denoise + gradient, 0);
  const left = work.total - work.done;
  const all = tiles.reduce((a, b) => a + b, 0);
  say(
    `plan: regions ${pieces.length}, tiles of ${prior.size} x ${prior.size} in all ${all}, ` +
      `passes over each ${count}, threads ${prior.workers}; about ${spoken(left)} from here`,
  );
  await consent(left, yes);
  return { ...cost, work };
}

/** Makes all pictures, and gives what became of them. */
async function make(
  targets: readonly Target[],
  task: Task,
  settings: PieceSettings,
  work: Work,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const target of targets) {
    const { job, out, seed, journal } = target;
    await journal.begin();
    const preview = (picture: Pixels) => writePixels(join(journal.folder, 'preview.png'), picture);
    await runPieces({ ...target, preview }, { ...settings, noiseStd: job.noise.std }, work);
    const picture = target.picture();
    await writePixels(out, picture);
    const before = await rate(task, job.clean, job.damaged);
    outcomes.push({ out, seed, before, after: await rate(task, job.clean, picture) });
  }
  return outcomes;
}

/** Restores photos: degrades clean ones first, or takes damaged ones as they are. */
export async function restore(
  given: readonly string[],
  options: RestoreOptions,
  signal: AbortSignal,
): Promise<void> {
  const say: Say = (line) => (options.json ? console.error(line) : console.log(line));
  const paths = given.map(photoPath);
  const outOf = await outPaths(paths, options);
  const orders = await takeOrders(paths, options, say);
  const [{ task }] = orders as [Order];
  const { name: backend, reason } = await useBackend(options.backend);
  say(`backend: ${backend} (${reason})`);
  const prior = await startPrior(options, backend);
  const targets: Target[] = [];
  try {
    for (const order of orders) checkChannels(order, prior);
    const { steps, warmupSteps, learningRate, sigmaMax, sampler: name } = options;
    const own = { steps, warmupSteps, learningRate, sigmaMax };
    const { settings, source } = chooseSettings(task, name, prior.denoiser.metadata, own);
    const sampler = samplerNamed(name, settings);
    const schedule = scheduleOf(settings);
    say(`task: ${task}; sampler: ${name} with ${source}: ${settingsText(settings)}`);
    for (const order of orders) {
      const job = await makeJob(order, options, prior, backend);
      sayJob(order, job, options, say);
      for (let run = 0; run < options.runs; run++) {
        const seed = options.seed + run;
        const out = outOf(order.path, run);
        const origin = await originOf(order, seed, settings, backend, prior, options);
        const journal = await openJournal(out, origin, options);
        targets.push({ job, out, seed, journal, ...job.plan() });
      }
    }
    const channels = coloursOf(orders[0]!.photo);
    const { work, ...cost } = await foresee(targets, sampler, schedule, {
      prior,
      channels,
      yes: options.yes,
      say,
    });
    const started = performance.now();
    work.progress = showProgress(process.stderr, signal, { begun: work.done / work.total });
    const outcomes = await make(
      targets,
      tasks[task]!,
      { sampler, schedule, signal, ...cost },
      work,
    );
    work.progress.stop();
    for (const { journal } of targets) await journal.remove();
    const seconds = (performance.now() - started) / 1000;
    report(outcomes, seconds, say);
    if (options.json) {
      const run = { task, sampler: name, settings, source, backend, workers: prior.workers };
      console.log(JSON.stringify({ ...run, tile: prior.size, seconds, results: outcomes }));
    }
  } catch (error) {
    for (const { journal } of targets) await journal.leave(say);
    throw error;
  } finally {
    for (const { job } of targets) job.dispose();
    prior.denoiser.dispose();
  }
}

function report(outcomes: readonly Outcome[], seconds: number, say: Say): void {
  for (const { out, before, after } of outcomes) {
    const was = before ? `, was ${figuresText(before)}` : '';
    say(`wrote ${out}${after ? `: ${figuresText(after)}${was}` : ''}`);
  }
  say(`time: ${spoken(1000 * seconds)}`);
}
