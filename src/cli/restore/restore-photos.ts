import { join } from 'node:path';
import type { JpegFile } from 'spgd';
import { type Pixels, readPixels, useBackend, writePixels } from 'spgd/node';
import { chooseSettings, samplerNamed, scheduleOf, type Task, tasks } from 'spgd/tasks';
import { printable } from '../one-line';
import { photoPath } from '../photo';
import { showProgress } from '../progress';
import { methodNamed } from '../shared-options';
import { type ChosenTask, taskOf } from './choose-task';
import { spoken } from './forecast';
import { foresee } from './foresee';
import { makeJob, takeOrder } from './job';
import { type Journal, openJournal } from './journal';
import { isCompressed, type JpegPhoto, jpegOf, jpegText, notJpeg } from './jpeg-photo';
import type { Job, Order } from './order';
import { originOf, settingsText } from './origin';
import { outPaths } from './out-path';
import { photoNoise } from './photo-noise';
import { isLossy, photoNotes } from './photo-notes';
import type { Piece } from './pieces';
import { checkChannels, startPrior } from './prior';
import { type Figures, figuresText, rate } from './rate';
import { type RestoreOptions, usageError } from './restore-options';
import { type PieceSettings, runPieces, type Work } from './run-pieces';

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

/** What became of it. */
interface Outcome {
  readonly out: string;
  readonly seed: number;
  readonly before: Figures | undefined;
  readonly after: Figures | undefined;
}

/** The task of a photo that nothing else describes: its compression, or its noise, where there is any. */
function taskFor(
  path: string,
  photo: Pixels,
  found: JpegPhoto | undefined,
  { simulate, noiseStd }: RestoreOptions,
): ChosenTask {
  if (noiseStd !== undefined) return { task: 'denoising', reason: '--noise-std is given' };
  if (simulate) throw usageError('--simulate needs --task: what happens to the photo');
  const { std, isFound } = photoNoise(photo, isLossy(photo));
  if (found && 'file' in found && isCompressed(found.file, isFound ? std : 0))
    return { task: 'jpeg', reason: `${jpegText(found.file)} is found` };
  if (isFound) return { task: 'denoising', reason: `noise of ${std.toFixed(3)} is found` };
  const why = found ? ` (${notJpeg(found)})` : '';
  throw usageError(
    `what happened to ${path}? No noise is found${why}: give --task, or --mask, --kernel, --scale or --blur-std`,
  );
}

/** The coefficients that a photo is restored from. */
function fileOf(path: string, found: JpegPhoto | undefined): { jpeg: JpegFile } {
  if (found && 'file' in found) return { jpeg: found.file };
  throw usageError(`jpeg cannot restore ${path}: ${found?.refusal ?? 'it is no JPEG'}`);
}

/** Rejects photos that need different tasks, since one sampler restores all of them. */
function checkOneTask(orders: readonly Order[]): void {
  const [first] = orders as [Order];
  const other = orders.find(({ task }) => task !== first.task);
  if (other)
    throw usageError(
      `${first.path} needs ${first.task} and ${other.path} ${other.task}: ` +
        'restore them by themselves, or give --task',
    );
}

/** Reads all photos, and checks what can be checked before a backend is started. */
async function takeOrders(
  paths: readonly string[],
  outOf: (photo: string, index: number) => string,
  options: RestoreOptions,
  say: Say,
): Promise<Order[]> {
  const chosen = taskOf(options);
  const { size, grayscale = false, maxPixels } = options;
  const orders: Order[] = [];
  for (const path of paths) {
    const asked = { grayscale, maxPixels, ...(size && { size }) };
    const photo = await readPixels(path, { ...asked, colours: 'file' });
    for (const note of photoNotes(path, photo, outOf(path, 0))) say(`note: ${note}`);
    const isAsked = chosen?.task === 'jpeg';
    const found =
      (chosen && !isAsked) || options.simulate ? undefined : await jpegOf(path, photo, options);
    const task = chosen ?? taskFor(path, photo, found, options);
    const own = { path, photo, isLossy: isLossy(photo), ...task };
    const isJpeg = task.task === 'jpeg' && !options.simulate;
    orders.push(await takeOrder({ ...own, ...(isJpeg && fileOf(path, found)) }, options));
  }
  checkOneTask(orders);
  return orders;
}

function sayJob(
  { path, photo }: Order,
  { missing, noise, found }: Job,
  { mask }: RestoreOptions,
  say: Say,
): void {
  const [height, width] = photo.shape;
  if (missing !== undefined) {
    const share = missing / (height * width);
    const percent = (100 * share).toFixed(2);
    say(`${path}: ${missing} of ${width} x ${height} pixels are missing (${percent} %)`);
    if (mask && share > 0.5)
      say('note: more than half is missing; is the mask inverted? Painted is missing');
  }
  if (found) {
    say(`${path}: ${found}`);
    return;
  }
  say(`noise: standard deviation ${noise.std.toFixed(4)} on [-1, 1], ${noise.source}`);
}

/** Makes all pictures, and gives what became of them. */
async function make(
  targets: readonly Target[],
  task: Task,
  settings: PieceSettings & Pick<RestoreOptions, 'keepGps'>,
  work: Work,
  say: Say,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const target of targets) {
    const { job, out, seed, journal } = target;
    await journal.begin();
    const path = join(journal.folder, 'preview.png');
    const preview = (picture: Pixels) =>
      writePixels(path, picture).catch(({ message }: Error) =>
        say(`warning: no preview: ${message}`),
      );
    await runPieces({ ...target, preview }, { ...settings, noiseStd: job.noise.std }, work);
    const picture = target.picture();
    await writePixels(out, picture, { keepGps: settings.keepGps });
    const before = await rate(task, job.clean, job.damaged);
    outcomes.push({ out, seed, before, after: await rate(task, job.clean, picture) });
  }
  return outcomes;
}

/** Restores damaged photos, or with `simulate` degrades clean ones first and rates the results. */
export async function restorePhotos(
  given: readonly string[],
  options: RestoreOptions,
  signal: AbortSignal,
): Promise<void> {
  const say: Say = (line) => (options.json ? console.error : console.log)(printable(line));
  const paths = given.map(photoPath);
  const outOf = await outPaths(paths, options);
  const orders = await takeOrders(paths, outOf, options, say);
  const [{ task, reason }] = orders as [Order];
  const { name: backend, reason: backendReason } = await useBackend(options.backend);
  say(`backend: ${backend} (${backendReason})`);
  const prior = await startPrior(options, backend);
  const targets: Target[] = [];
  try {
    for (const { path, photo } of orders) checkChannels(path, photo, prior);
    const { steps, warmupSteps, learningRate, sigmaMax } = options;
    const own = { steps, warmupSteps, learningRate, sigmaMax };
    const asked = methodNamed(options);
    const chosen = chooseSettings(task, asked, prior.denoiser.metadata, own);
    const { sampler: name, settings, source } = chosen;
    const sampler = samplerNamed(name, settings);
    const schedule = scheduleOf(settings);
    const why = reason ? ` (${reason})` : '';
    say(`task: ${task}${why}; sampler: ${name} with ${source}: ${settingsText(settings)}`);
    for (const order of orders) {
      const job = await makeJob(order, options, prior, backend);
      sayJob(order, job, options, say);
      for (let index = 0; index < options.samples; index++) {
        const seed = options.seed + index;
        const out = outOf(order.path, index);
        const origin = await originOf(order, seed, settings, backend, prior, options);
        const plan = job.plan();
        const journal = await openJournal(out, origin, options);
        targets.push({ job, out, seed, journal, ...plan });
      }
    }
    const plan = { sampler, schedule, prior, yes: options.yes, say };
    const { work, ...cost } = await foresee(targets, plan);
    const started = performance.now();
    work.progress = showProgress(process.stderr, signal, { begun: work.done / work.total });
    const outcomes = await make(
      targets,
      tasks[task]!,
      { sampler, schedule, signal, keepGps: options.keepGps, ...cost },
      work,
      say,
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
