import type { JpegFile, Sampler, StateOrigin } from 'spgd';
import { type Pixels, useBackend, writePixels } from 'spgd/node';
import { chooseSettings, samplerNamed, scheduleOf, tasks } from 'spgd/tasks';
import { printable } from '../one-line';
import { photoPath } from '../photo';
import { showProgress } from '../progress';
import { isBlind, taskOf } from './choose-task';
import { consistencyText, spreadText } from './consistency-text';
import { diagnosePhoto, diagnosisText, taskFor } from './diagnose-photo';
import { dryRun } from './dry-run';
import { spoken } from './forecast';
import { foresee } from './foresee';
import { kernelPicture } from './found-blur';
import { makeJob, takeOrder } from './job';
import { openJournal } from './journal';
import { type JpegPhoto, jpegOf } from './jpeg-photo';
import { makePhoto } from './make-photo';
import type { Job, Order } from './order';
import { originOf, settingsText } from './origin';
import { beside, outPaths } from './out-path';
import { isLossy, photoNotes } from './photo-notes';
import type { Outcome, PhotoWork, Target } from './photo-work';
import { checkChannels, startPrior } from './prior';
import { figuresText } from './rate';
import { readPhoto } from './read-photo';
import { methodOf, type RestoreOptions, usageError } from './restore-options';

type Say = (line: string) => void;

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

/** The task of a photo: the one that the options stand for, or what is seen of it. */
async function tasked(
  path: string,
  photo: Pixels,
  options: RestoreOptions,
  say: Say,
): Promise<Omit<Order, 'map'>> {
  const { simulate } = options;
  const own = { path, photo, isLossy: isLossy(photo) };
  const chosen = taskOf(options);
  if (simulate && !chosen) throw usageError('--simulate needs --task: what happens to the photo');
  if (chosen) {
    const isJpeg = chosen.task === 'jpeg' && !simulate;
    return { ...own, ...chosen, ...(isJpeg && fileOf(path, await jpegOf(path, photo, options))) };
  }
  const found = await diagnosePhoto(path, photo, options);
  say(`${path}: ${diagnosisText(found)}`);
  const task = taskFor(found, options);
  if (task.doubt) say(`note: ${task.doubt}`);
  const isJpeg = task.task === 'jpeg';
  return { ...own, ...task, noise: found.treated, ...(isJpeg && fileOf(path, found.jpeg)) };
}

/** Reads all photos, and checks what can be checked before a backend is started. */
async function takeOrders(
  paths: readonly string[],
  outOf: (photo: string) => string,
  options: RestoreOptions,
  say: Say,
): Promise<Order[]> {
  const orders: Order[] = [];
  for (const path of paths) {
    const photo = await readPhoto(path, options);
    for (const note of photoNotes(path, photo, outOf(path))) say(`note: ${note}`);
    orders.push(await takeOrder(await tasked(path, photo, options, say), options));
  }
  checkOneTask(orders);
  return orders;
}

function sayJob(
  { path, photo, noise: seen }: Order,
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
    // Where the photo was looked at, this was said.
    if (!seen) say(`${path}: ${found}`);
    return;
  }
  say(`noise: standard deviation ${noise.std.toFixed(4)} on [-1, 1], ${noise.source}`);
  if (noise.note) say(`note: ${noise.note}`);
}

/** The samples of a photo: their seeds, and journals that are locked for this process. */
async function openTargets(
  out: string,
  originOfSeed: (seed: number) => Promise<StateOrigin>,
  options: RestoreOptions,
): Promise<Target[]> {
  const targets: Target[] = [];
  for (let index = 0; index < options.samples; index++) {
    const seed = options.seed + index;
    const own = options.samples === 1 ? out : beside(out, `${index}`);
    const journal = await openJournal(own, await originOfSeed(seed), options);
    targets.push({ out: own, seed, journal });
  }
  return targets;
}

/** Rejects a sampler that has no spread, where several samples are asked for. */
function checkSampler({ name, isEstimate }: Sampler, { samples }: RestoreOptions): void {
  if (samples > 1 && isEstimate)
    throw usageError(
      `--samples needs a sampler that draws from the posterior, and ${name} gives one estimate: leave --sampler out`,
    );
}

/** Writes the kernel of a blur that was found, beside the result. */
async function writeKernel(
  order: Order,
  out: string,
  { kernel, blurStd, blurRadius, simulate }: RestoreOptions,
  say: Say,
): Promise<void> {
  const isGiven =
    (kernel !== undefined && !isBlind({ kernel })) || (blurStd ?? blurRadius) !== undefined;
  const picture = isGiven || simulate ? undefined : kernelPicture(order);
  if (!picture) return;
  const path = beside(out, 'kernel', '.png');
  await writePixels(path, picture);
  say(`wrote ${path}: the blur that was found`);
}

/** Restores damaged photos, or with `simulate` degrades clean ones first and rates the results. */
export async function restorePhotos(
  given: readonly string[],
  options: RestoreOptions,
  signal: AbortSignal,
): Promise<void> {
  const isJson = options.json || options.dryRun;
  const say: Say = (line) => (isJson ? console.error : console.log)(printable(line));
  const paths = given.map(photoPath);
  if (options.dryRun) return dryRun(paths, options, say);
  const outOf = await outPaths(paths, options);
  const orders = await takeOrders(paths, outOf, options, say);
  const [{ task, reason }] = orders as [Order];
  const { name: backend, reason: backendReason } = await useBackend(options.backend);
  say(`backend: ${backend} (${backendReason})`);
  const prior = await startPrior(options, backend, task);
  const photos: PhotoWork[] = [];
  const journals = () => photos.flatMap(({ targets }) => targets.map(({ journal }) => journal));
  try {
    for (const { path, photo } of orders) checkChannels(path, photo, prior);
    const { steps, warmupSteps, learningRate, sigmaMax, samples, keep, yes, keepGps } = options;
    const own = { steps, warmupSteps, learningRate, sigmaMax };
    const chosen = chooseSettings(task, methodOf(options), prior.denoiser.metadata, own);
    const { sampler: name, settings, source } = chosen;
    const sampler = samplerNamed(name, settings);
    checkSampler(sampler, options);
    const schedule = scheduleOf(settings);
    const why = reason ? ` (${reason})` : '';
    say(`task: ${task}${why}; sampler: ${name} with ${source}: ${settingsText(settings)}`);
    if (samples > 1 && tasks[task]!.align)
      say('note: several pictures explain this measurement, and a mean mixes them: --keep all');
    for (const order of orders) {
      const job = await makeJob(order, options, prior, backend, sampler);
      sayJob(order, job, options, say);
      const out = outOf(order.path);
      const origin = (seed: number) => originOf(order, seed, settings, backend, prior, options);
      photos.push({ path: order.path, job, out, targets: await openTargets(out, origin, options) });
    }
    const planned = photos.flatMap(({ job, targets }) => {
      const { pieces } = job.plan();
      return targets.map(({ journal }) => ({ pieces, journal }));
    });
    const { work, ...cost } = await foresee(planned, {
      ...{ sampler, schedule, prior, samples, yes, say },
    });
    work.progress = showProgress(process.stderr, signal, { begun: work.done / work.total });
    const { intervalScale } = settings;
    const made = { task: tasks[task]!, keep, keepGps, intervalScale, say };
    const outcomes: Outcome[] = [];
    for (const photo of photos)
      outcomes.push(await makePhoto(photo, { ...made, ...cost, sampler, schedule, signal }, work));
    for (const order of orders) await writeKernel(order, outOf(order.path), options, say);
    work.progress.stop();
    for (const journal of journals()) await journal.remove();
    // Since the process started, so that reading, start-up and planning count.
    const seconds = performance.now() / 1000;
    report(outcomes, seconds, say);
    if (options.json) {
      const run = { task, sampler: name, settings, source, backend, workers: prior.workers };
      console.log(JSON.stringify({ ...run, tile: prior.size, seconds, results: outcomes }));
    }
  } catch (error) {
    for (const journal of journals()) await journal.leave(say);
    throw error;
  } finally {
    prior.denoiser.dispose();
  }
}

function report(outcomes: readonly Outcome[], seconds: number, say: Say): void {
  for (const { out, before, after, consistency, spread, samples = [] } of outcomes) {
    const was = before ? `, was ${figuresText(before)}` : '';
    const what = spread ? ` (mean of ${spread.count} samples)` : '';
    for (const one of samples)
      say(`wrote ${one.out}${one.after ? `: ${figuresText(one.after)}` : ''}`);
    say(`wrote ${out}${what}${after ? `: ${figuresText(after)}${was}` : ''}`);
    say(`it ${consistencyText(consistency)}`);
    if (!spread) continue;
    say(`wrote ${spread.map} and ${spread.report}: where the samples differ`);
    say(spreadText(spread));
  }
  say(`time: ${spoken(1000 * seconds)}`);
}
