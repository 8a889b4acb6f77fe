import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, dirname, extname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { type LoadedDenoiser, loadDenoiser, psnr, type StateOrigin, ssim } from 'spgd';
import {
  type BackendName,
  checkImagePath,
  type Pixels,
  readPixels,
  useBackend,
  workerDenoiser,
  writePixels,
} from 'spgd/node';
import packageJson from '../../../package.json';
import { modelSource, modelUrl } from './model-source';
import { photoPath } from './photo';
import { showProgress } from './progress';
import { countPasses } from './restore/count-passes';
import { taskOf } from './restore/degradation';
import { consent, spoken, timePass } from './restore/forecast';
import { type Job, makeJob, type Order, takeOrder } from './restore/job';
import { type Journal, openJournal } from './restore/journal';
import { photoNotes } from './restore/photo-notes';
import { coloursOf, valuesOf, wholeOf } from './restore/photo-pixels';
import type { Piece, Prior } from './restore/pieces';
import { type RestoreOptions, usageError } from './restore/restore-options';
import { type PieceSettings, runPieces, type Work, workDone, workOf } from './restore/run-pieces';
import { samplerNamed, scheduleOf } from './samplers';
import { chooseSettings, type Settings } from './settings';

/** Tiles that go through the network at once. */
const batch = 4;

/** The path of a result: beside the photo, unless `--out` says where. */
function outOf(
  photo: string,
  run: number,
  { out, runs }: RestoreOptions,
  isFolder: boolean,
): string {
  const name = basename(photo, extname(photo));
  const plain = `${name}-restored.png`;
  const path = out === undefined ? join(dirname(photo), plain) : isFolder ? join(out, plain) : out;
  if (runs === 1) return path;
  const extension = extname(path);
  return `${path.slice(0, path.length - extension.length)}-${run}${extension}`;
}

const digest = (bytes: Uint8Array): string =>
  createHash('sha256').update(bytes).digest('hex').slice(0, 16);

const digestOf = async (path: string | undefined): Promise<string> =>
  path === undefined ? 'none' : digest(await readFile(path));

/** One result of a job: its file, its pieces, and what is kept of it on disk. */
interface Result {
  readonly order: Order;
  readonly job: Job;
  readonly out: string;
  readonly seed: number;
  readonly pieces: readonly Piece[];
  readonly picture: () => Pixels;
  readonly journal: Journal;
}

/** Starts the prior in this thread, or in threads of its own. */
async function startPrior(
  options: RestoreOptions,
  backend: BackendName,
): Promise<{ denoiser: LoadedDenoiser; workers: number }> {
  const workers = options.workers ?? (backend === 'wasm' ? availableParallelism() : 1);
  if (workers === 1) return { denoiser: await loadDenoiser(modelSource(options.model)), workers };
  const denoiser = await workerDenoiser(modelUrl(options.model), { workers, batch, backend });
  return { denoiser, workers };
}

function priorOf(
  { denoiser, workers }: { denoiser: LoadedDenoiser; workers: number },
  { tile }: RestoreOptions,
): Prior {
  const size = tile ?? denoiser.imageShape?.[0] ?? denoiser.metadata?.size[0] ?? 256;
  return { denoiser, size, overlap: Math.floor(size / 4), batch: workers === 1 ? batch : Infinity };
}

function checkChannels({ path, photo }: Order, { imageShape }: LoadedDenoiser): void {
  const channels = imageShape?.[2] ?? 3;
  if (channels === coloursOf(photo)) return;
  const remedy =
    channels === 1 ? 'add --grayscale' : 'leave out --grayscale, or name another --model';
  throw usageError(
    `${path} has ${coloursOf(photo)} channels and the model takes ${channels}: ${remedy}`,
  );
}

interface Figures {
  readonly psnr?: number;
  readonly ssim?: number | undefined;
}

/** PSNR in dB and SSIM of a result, where there is a clean photo of its size. */
async function rate(clean: Pixels | undefined, picture: Pixels | undefined): Promise<Figures> {
  if (!clean || !picture || `${clean.shape.slice(0, 2)}` !== `${picture.shape.slice(0, 2)}`)
    return {};
  const tensor = (pixels: Pixels) => {
    const [height, width] = pixels.shape;
    return tf.tensor4d(valuesOf(pixels, wholeOf(pixels)), [1, height, width, coloursOf(pixels)]);
  };
  const [a, b] = [tensor(picture), tensor(clean)];
  const ratio = psnr(a, b);
  const isLarge = Math.min(...clean.shape.slice(0, 2)) >= 11;
  const likeness = isLarge ? ssim(a, b) : undefined;
  const figures = { psnr: (await ratio.data())[0]!, ssim: (await likeness?.data())?.[0] };
  tf.dispose([a, b, ratio, likeness ?? []]);
  return figures;
}

/** The settings that a sampler was told, in words. */
const settingsText = (settings: Settings): string =>
  Object.entries(settings)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');

/** What a saved state depends on, by the names of the command line. */
async function originOf(
  order: Order,
  seed: number,
  settings: Settings,
  backend: string,
  options: RestoreOptions,
  prior: Prior,
): Promise<StateOrigin> {
  const { measurement, noise, scale, blurStd, size, grayscale, sampler, model } = options;
  return {
    version: packageJson.version,
    photo: digest(new Uint8Array(order.photo.values.buffer)),
    mask: await digestOf(options.mask),
    kernel: await digestOf(options.kernel),
    task: order.task,
    model: model ?? 'bundled',
    modelPresets: digest(
      Buffer.from(JSON.stringify((prior.denoiser as LoadedDenoiser).metadata ?? null)),
    ),
    backend,
    sampler,
    settings: settingsText(settings),
    seed,
    tile: prior.size,
    damage: `${measurement ? 'measured' : 'simulated'} ${noise} ${scale} ${blurStd} ${size} ${grayscale}`,
  };
}

/** Restores photos: degrades clean ones first, or takes them as they are. */
export async function restore(
  paths: readonly string[],
  options: RestoreOptions,
  signal: AbortSignal,
): Promise<void> {
  const say = (line: string): void => (options.json ? console.error(line) : console.log(line));
  const task = taskOf(options);
  const folder = (await stat(options.out ?? '').catch(() => undefined))?.isDirectory() ?? false;
  if (paths.length > 1 && options.out !== undefined && !folder)
    throw usageError('--out must be a folder that exists, for several photos');

  const orders: Order[] = [];
  for (const path of paths.map(photoPath)) {
    await checkImagePath(outOf(path, 0, options, folder));
    const { size, grayscale = false } = options;
    const photo = await readPixels(path, { grayscale, ...(size && { size }) });
    for (const note of await photoNotes(path)) say(`note: ${note}`);
    orders.push(await takeOrder(path, photo, task, options));
  }

  const { name: backend, reason } = await useBackend(options.backend);
  say(`backend: ${backend} (${reason})`);
  const started = await startPrior(options, backend);
  const { denoiser, workers } = started;
  const prior = priorOf(started, options);
  const jobs: (Job & { dispose(): void })[] = [];
  try {
    for (const order of orders) checkChannels(order, denoiser);
    const { steps, warmupSteps, learningRate, sigmaMax } = options;
    const given = { steps, warmupSteps, learningRate, sigmaMax };
    const { settings, source } = chooseSettings(task, options.sampler, denoiser.metadata, given);
    const sampler = samplerNamed(options.sampler, settings);
    const schedule = scheduleOf(settings);
    say(`task: ${task}; sampler: ${options.sampler} with ${source}: ${settingsText(settings)}`);

    const results: Result[] = [];
    for (const order of orders) {
      const job = makeJob(order, options, prior, backend);
      jobs.push(job);
      const [height, width] = order.photo.shape;
      const { missing, noise } = job;
      const percent = ((100 * (missing ?? 0)) / (height * width)).toFixed(2);
      if (missing)
        say(`${order.path}: ${missing} of ${width} x ${height} pixels are missing (${percent} %)`);
      if (missing && missing > 0.5 * height * width && options.mask)
        say('note: more than half is missing; is the mask the wrong way round? Painted is missing');
      say(`noise: standard deviation ${noise.std.toFixed(4)} on [-1, 1], ${noise.source}`);
      for (let run = 0; run < options.runs; run++) {
        const seed = options.seed + run;
        const out = outOf(order.path, run, options, folder);
        const origin = await originOf(order, seed, settings, backend, options, prior);
        const journal = await openJournal(out, origin, options);
        const { pieces, result } = job.pieces();
        results.push({ order, job, out, seed, pieces, picture: result, journal });
      }
    }

    const tiles = results.reduce(
      (sum, { pieces }) => sum + pieces.reduce((a, b) => a + b.tiles, 0),
      0,
    );
    const pieceCount = results.reduce((sum, { pieces }) => sum + pieces.length, 0);
    const passes = await countPasses(sampler, schedule);
    const largest = Math.max(
      ...results.flatMap(({ pieces }) => pieces.map((piece) => piece.tiles)),
    );
    const channels = coloursOf(orders[0]!.photo);
    const times = await timePass(prior, Math.min(largest, batch * workers), channels);
    const pass: PieceSettings = {
      sampler,
      schedule,
      noiseStd: jobs[0]!.noise.std,
      passes,
      times,
      signal,
    };
    const work: Work = { total: 0, done: 0 };
    for (const result of results) {
      work.total += workOf(result.pieces, pass);
      work.done += await workDone(result, pass);
    }
    const count = passes.reduce((sum, step) => sum + step.denoise + step.vjp, 0);
    say(
      `plan: ${pieceCount} region${pieceCount > 1 ? 's' : ''} of ${tiles} tiles of ${prior.size} x ${prior.size} in all, ` +
        `${count} passes each, ${workers} thread${workers > 1 ? 's' : ''}; ` +
        `about ${spoken(work.total - work.done)} from here`,
    );
    await consent(work.total - work.done, options.yes);

    const clock = performance.now();
    work.progress = showProgress(process.stderr, signal, work.done / work.total);
    const told = [];
    try {
      for (const result of results) {
        const preview = `${result.journal.folder}/preview.png`;
        await runPieces(
          { ...result, preview: (picture) => writePixels(preview, picture) },
          { ...pass, noiseStd: result.job.noise.std },
          work,
        );
        const picture = result.picture();
        await writePixels(result.out, picture);
        const { seed, out, job } = result;
        told.push({
          seed,
          out,
          before: await rate(job.clean, job.damaged),
          after: await rate(job.clean, picture),
        });
      }
    } catch (error) {
      if (signal.aborted)
        say(`what is done is kept in ${results[0]!.journal.folder}; go on with --resume`);
      throw error;
    } finally {
      work.progress.stop();
    }
    for (const { journal } of results) await journal.remove();
    const seconds = (performance.now() - clock) / 1000;
    for (const { out, after, before } of told) {
      const figures =
        after.psnr === undefined
          ? ''
          : `: PSNR ${before.psnr ? `${before.psnr.toFixed(2)} -> ` : ''}${after.psnr.toFixed(2)} dB, SSIM ${after.ssim?.toFixed(4)}`;
      say(`wrote ${out}${figures}`);
    }
    say(`time: ${seconds.toFixed(1)} s`);
    if (options.json)
      console.log(
        JSON.stringify({
          task,
          sampler: options.sampler,
          settings,
          source,
          backend,
          workers,
          tile: prior.size,
          tiles,
          seconds,
          results: told,
        }),
      );
  } finally {
    for (const job of jobs) job.dispose();
    denoiser.dispose();
  }
}
