import * as tf from '@tensorflow/tfjs';
import type { Denoiser, ModelMetadata, Sampler } from 'spgd';
import { chooseSettings, samplerNamed, solutionTime } from 'spgd/tasks';
import type { Tiling } from './block-problem';
import { scaleOf } from './job-blocks';
import type { Calls, PlannedWindow } from './messages';
import { type PassCost, passesOf, pixelsOf, tilesIn } from './pass-cost';
import type { PhotoSettings, Plan } from './photo-job';
import { photoTasks } from './photo-tasks';

/** Images as large as the result of a block that a run holds at its peak, about. */
const imagesAtOnce = 24;

/** The sampler and the settings of a job. */
export const chosenFor = (
  { task, method = 'balanced', settings }: PhotoSettings,
  metadata: Pick<ModelMetadata, 'settings' | 'mirrored'> | null,
) => chooseSettings(photoTasks[task].name, method, metadata, settings);

/** Milliseconds that one solution takes with each of the windows whose border is open, measured on the largest. */
async function solveTime(
  { task, blurStd = 1.5 }: PhotoSettings,
  windows: readonly PlannedWindow[],
  sampler: Sampler,
): Promise<number> {
  const area = ({ height, width }: PlannedWindow) => height * width;
  const largest = windows.reduce<PlannedWindow | undefined>(
    (most, one) => (most && area(most) >= area(one) ? most : one),
    undefined,
  );
  if (!largest) return 0;
  const { height, width } = largest;
  const blur = photoTasks[task].operator(largest, { scale: 1, blurStd });
  const once = await solutionTime(blur, [1, height, width, 3], sampler);
  return windows.reduce((sum, one) => sum + (once * area(one)) / area(largest), 0);
}

/** What a job will cost, from its passes and the tiles that each pass goes through. */
export async function planJob(
  { settings, windows }: Calls['plan'][0],
  ready: {
    prior: Denoiser & { metadata: ModelMetadata | null };
    tiling: Tiling;
    pass: PassCost;
  },
): Promise<Plan> {
  const { prior, tiling, pass } = ready;
  const { sampler, settings: used } = chosenFor(settings, prior.metadata);
  const scale = scaleOf(settings);
  const tiles = windows.flatMap(({ height, width, missing }) =>
    tilesIn(
      { height: scale * height, width: scale * width, ...(missing && { missing }) },
      prior,
      tiling,
    ),
  );
  const count = await passesOf(sampler, used);
  const cut = settings.task === 'deblur' ? windows.filter(({ isCut }) => isCut) : [];
  const solved = await solveTime(settings, cut, samplerNamed(sampler, used));
  const milliseconds = count.denoise * pass.times.denoise + count.gradient * pass.times.gradient;
  const samples = settings.samples ?? 1;
  const area = scale ** 2 * Math.max(...windows.map(({ height, width }) => height * width));
  const largest = Math.max(0, ...tiles.map(({ height, width }) => height * width));
  return {
    tiles: tiles.length,
    passes: samples * (count.denoise + count.gradient),
    seconds: (samples * (pixelsOf(tiles) * milliseconds + count.denoise * solved)) / 1000,
    bytes: 4 * 3 * imagesAtOnce * area + tiling.batch * largest * pass.bytes + tf.memory().numBytes,
    sampler,
    settings: used,
  };
}
