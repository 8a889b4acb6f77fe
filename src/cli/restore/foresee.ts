import { countPasses, type Sampler } from 'spgd';
import { consent, spoken, timePass } from './forecast';
import type { Journal } from './journal';
import { type Piece, pixelsOf } from './pieces';
import type { Prior } from './prior';
import { type PieceCost, type PieceSettings, type Work, workDone, workOf } from './run-pieces';

/** What the forecast of a job depends on. */
interface Plan {
  readonly sampler: Sampler;
  readonly schedule: PieceSettings['schedule'];
  readonly prior: Prior;
  /** Samples of each photo. */
  readonly samples: number;
  readonly yes?: boolean | undefined;
  say(line: string): void;
}

/** Times one pass, prints how long the whole job takes, and asks first if that is long. */
export async function foresee(
  targets: readonly { readonly pieces: readonly Piece[]; readonly journal: Journal }[],
  { sampler, schedule, prior, samples, yes, say }: Plan,
): Promise<PieceCost & { work: Work }> {
  const pieces = targets.flatMap((target) => target.pieces);
  const tiles = pieces.flatMap((piece) => piece.tiles);
  const passes = await countPasses(sampler, schedule);
  const atOnce = tiles.slice(0, prior.groupSize * prior.workers);
  const times = await timePass(prior, atOnce, passes);
  const slow = pieces.find((piece) => piece.solveTime);
  const solveTime = slow ? (await slow.solveTime!(sampler)) / pixelsOf(slow) : 0;
  const cost = { passes, times, solveTime };
  const work: Work = {
    total: workOf(pieces, cost),
    done: 0,
    step: 0,
    steps: pieces.length * passes.length,
  };
  for (const target of targets) work.done += await workDone(target, cost);
  const count = passes.reduce((sum, { denoise, gradient }) => sum + denoise + gradient, 0);
  const left = work.total - work.done;
  const size = tiles.reduce((most, { height, width }) => Math.max(most, height, width), 0);
  say(
    `plan: ${samples > 1 ? `samples ${samples}, ` : ''}regions ${pieces.length / samples}, ` +
      `tiles of at most ${size} x ${size} in all ${tiles.length}, passes over each ${count}, ` +
      `threads ${prior.workers}; about ${spoken(left)} from here`,
  );
  await consent(left, yes);
  return { ...cost, work };
}
