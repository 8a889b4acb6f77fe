import * as tf from '@tensorflow/tfjs';
import {
  type Consistency,
  consistency,
  gaussianNoise,
  joinConsistency,
  type NoiseSchedule,
  type Passes,
  type Resume,
  type Sampler,
  type StepInfo,
  sample,
  watchedDenoiser,
} from 'spgd';
import type { Pixels } from 'spgd/node';
import type { Progress } from '../progress';
import { durationOf, type PassTimes } from './forecast';
import type { Journal } from './journal';
import { type Piece, pixelsOf } from './pieces';

/** How all pieces of a job are restored, and what they cost. */
export interface PieceSettings {
  readonly sampler: Sampler;
  readonly schedule: NoiseSchedule;
  readonly noiseStd?: number;
  /** Passes of each step. */
  readonly passes: readonly Passes[];
  /** What a pass takes. */
  readonly times: PassTimes;
  /** Milliseconds of a pixel in a solution, after each pass of `denoise`, for pieces that have no closed form. */
  readonly solveTime: number;
  readonly signal: AbortSignal;
}

/** The whole job: one bar over all photos, samples and pieces, in forecast milliseconds. */
export interface Work {
  readonly total: number;
  done: number;
  /** Steps of all pieces, and of those before the current piece. */
  readonly steps: number;
  step: number;
  progress?: Progress;
}

/** The pieces of one picture. */
export interface PieceRun {
  readonly pieces: readonly Piece[];
  readonly seed: number;
  readonly journal: Journal;
  /** Called from time to time with the picture so far. */
  preview(picture: Pixels): Promise<void>;
}

/** Seeds of pieces lie this far apart, so that those of several runs never meet. */
const seedStride = 1_000_003;

/** Shortest time between two saved states, in milliseconds. */
const saveEvery = 2000;

/** Shortest time between two previews, in milliseconds. */
const previewEvery = 15_000;

/** What the forecast of pieces depends on. */
export type PieceCost = Pick<PieceSettings, 'passes' | 'times' | 'solveTime'>;

/** What a pass takes, with the solution after it. */
const solved = (times: PassTimes, solveTime: number): PassTimes => ({
  ...times,
  denoise: times.denoise + solveTime,
});

/** The work of the first steps of some pieces; all of them by default. */
export const workOf = (
  pieces: readonly Piece[],
  { passes, times, solveTime }: PieceCost,
  steps = passes.length,
): number => {
  const sumOf = (ofPiece: PassTimes) =>
    passes.slice(0, steps).reduce((sum, step) => sum + durationOf(step, ofPiece), 0);
  const [closed, slow] = [times, solved(times, solveTime)].map(sumOf);
  return pieces.reduce(
    (sum, piece) => sum + pixelsOf(piece) * (piece.solveTime ? slow! : closed!),
    0,
  );
};

/** The work on some pieces that a journal already holds. */
export async function workDone(
  { pieces, journal }: Pick<PieceRun, 'pieces' | 'journal'>,
  settings: PieceCost,
): Promise<number> {
  let done = 0;
  for (const [i, piece] of pieces.entries()) {
    const saved = await journal.load(i);
    if (!saved) break;
    tf.dispose(saved.state as tf.TensorContainer);
    done += workOf([piece], settings, saved.index);
  }
  return done;
}

/** Acts now, then again after `least` milliseconds or ten times what it took, if that is longer. */
function throttle(least: number): (act: () => Promise<void>) => Promise<void> {
  let due = 0;
  return async (act) => {
    const started = performance.now();
    if (started < due) return;
    await act();
    const ended = performance.now();
    due = ended + Math.max(least, 10 * (ended - started));
  };
}

/**
 * Restores the pieces of a picture in turn, each from where the journal has it, and tells how well the
 * picture explains its measurement.
 */
export async function runPieces(
  run: PieceRun,
  settings: PieceSettings,
  work: Work,
): Promise<Consistency> {
  const total = settings.schedule.length - 1;
  const noise = gaussianNoise(settings.noiseStd ?? 0);
  const fits: Consistency[] = [];
  const preview = throttle(previewEvery);
  for (const [i, piece] of run.pieces.entries()) {
    const saved = await run.journal.load(i);
    const done =
      saved?.index === total ? saved : await runPiece(i, saved, run, settings, work, preview);
    const problem = piece.problem();
    fits.push(...(await consistency({ noise, ...problem }, done.state.x)));
    problem.dispose();
    const values = await done.state.x.data();
    tf.dispose(done.state as tf.TensorContainer);
    piece.accept(values);
    work.step += total;
  }
  return joinConsistency(fits);
}

/** One piece from its first or its saved step to the last. */
async function runPiece(
  place: number,
  saved: Resume | undefined,
  { pieces, seed, journal, preview }: PieceRun,
  settings: PieceSettings,
  work: Work,
  whenDue: ReturnType<typeof throttle>,
): Promise<Resume> {
  const { sampler, schedule, noiseStd = 0, signal, solveTime } = settings;
  const piece = pieces[place]!;
  const times = piece.solveTime ? solved(settings.times, solveTime) : settings.times;
  const total = schedule.length - 1;
  let step = saved?.index ?? 0;
  let dataError: number | undefined;
  const tell = () =>
    work.progress?.report({
      index: work.step + step - 1,
      total: work.steps,
      share: Math.min(work.step + step === work.steps ? 1 : 0.999, work.done / work.total),
      ...(dataError !== undefined && { dataError }),
    });
  const problem = piece.problem();
  const { operator, measurement, noise = gaussianNoise(noiseStd), level = 1 } = problem;
  const pixels = pixelsOf(piece);
  const denoiser = watchedDenoiser(problem.denoiser, (kind) => {
    work.done += pixels * times[kind];
    tell();
  });
  const save = throttle(saveEvery);
  try {
    const { sample: x } = await sample(
      sampler,
      { denoiser, operator, measurement, noise },
      {
        schedule: schedule.map((sigma) => level * sigma),
        seed: seed + seedStride * place,
        signal,
        ...(saved && { resume: saved }),
        async onStep({ index, state, denoised, error }: StepInfo) {
          step = index + 1;
          if (error) dataError = Math.sqrt(error[0]! / measurement.size);
          tell();
          if (step < total) await save(() => journal.save(place, { index: step, state }));
          await whenDue(async () => preview(piece.show(await denoised.data())));
        },
      },
    );
    const done = { index: total, state: { x } };
    await journal.save(place, done);
    return done;
  } finally {
    problem.dispose();
    if (saved) tf.dispose(saved.state as tf.TensorContainer);
  }
}
