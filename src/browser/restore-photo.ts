import { type Block, clearDamage, cropDamage, isAtBorder } from 'spgd/tasks';
import { blocksOfJob, paintedOf } from './job-blocks';
import { blockWeight, land, scaledBlock, type Weight } from './land';
import type { BlockJob, BlockResult } from './messages';
import type { PhotoJob, Preview, Progress, Restored } from './photo-job';
import { copyInto, cropPicture, type Picture, repeated } from './picture';

/** What runs a window. */
export type RestoreBlock = (
  job: BlockJob,
  onProgress: (share: number, picture?: Picture) => void,
) => Promise<BlockResult>;

/** A difference of this many standard deviations of the noise, and of this on [-1, 1], is gross. */
const gross = { deviations: 3, more: 0.08 };

/** Restores a job block by block; what a block has restored is known to those after it. */
export async function restorePhoto(
  job: PhotoJob,
  restoreBlock: RestoreBlock,
  onProgress?: (progress: Progress) => void,
): Promise<Restored> {
  const started = performance.now();
  const { photo, region, mask, ...settings } = job;
  const painted = paintedOf(job);
  const { box, scale, blocks } = blocksOfJob(job, painted);
  const isRepair = job.task === 'repair';
  const result = repeated(cropPicture(photo, box), scale);
  const origin = { top: scale * box.top, left: scale * box.left };
  const whole = { height: scale * photo.height, width: scale * photo.width };
  const selected = region ?? { top: 0, left: 0, height: photo.height, width: photo.width };
  const edge = scaledBlock({ core: selected, window: selected }, scale).core;
  const deviation =
    (settings.samples ?? 1) > 1 ? new Float32Array(result.width * result.height) : undefined;

  const weightOf = (block: Block): Weight => {
    const isPainted = (y: number, x: number) =>
      painted!.missing[Math.floor(y / scale) * photo.width + Math.floor(x / scale)]!;
    const { core } = block;
    const inside: Weight = (y, x) =>
      y >= core.top && y < core.top + core.height && x >= core.left && x < core.left + core.width
        ? 1
        : 0;
    const own = isRepair ? inside : blockWeight(block, edge, whole);
    return painted ? (y, x) => own(y, x) * isPainted(y, x) : own;
  };

  const pixels = blocks.map(({ window }) => window.height * window.width);
  const all = pixels.reduce((a, b) => a + b);
  const answers: BlockResult[] = [];
  let done = 0;
  let squares = 0;
  for (const [i, block] of blocks.entries()) {
    const { window } = block;
    const part = cropPicture(photo, window);
    if (isRepair)
      copyInto(part, result, { top: box.top - window.top, left: box.left - window.left });
    const scaled = scaledBlock(block, scale);
    const weight = weightOf(scaled);
    const missing = isRepair ? { missing: cropDamage(painted!, window).missing } : {};
    const answer = await restoreBlock(
      {
        ...settings,
        ...missing,
        photo: part,
        isCut: isAtBorder(window, photo),
        previews: onProgress !== undefined,
      },
      (share, picture) => {
        const total = (done + share * pixels[i]!) / all;
        const preview =
          picture && previewOf(result, origin, { picture, window: scaled.window }, weight);
        onProgress?.({ share: total, box, ...(preview && { preview }) });
      },
    );
    if (deviation && answer.deviation)
      landNumbers(deviation, { ...origin, ...sizeOf(result) }, answer.deviation, scaled, weight);
    land(result, origin, { picture: answer.picture, window: scaled.window }, weight);
    if (isRepair) clearDamage(painted!, block.core);
    done += pixels[i]!;
    squares += pixels[i]! * answer.rms ** 2;
    answers.push(answer);
  }
  const { sampler, settings: used, held } = answers.at(-1)!;
  const misfit = Math.sqrt(squares / all);
  const limit = gross.deviations * (job.noiseStd ?? 0.01) + gross.more;
  return {
    picture: result,
    box,
    ...(deviation && { deviation }),
    misfit,
    departs: !(misfit <= limit),
    sampler,
    settings: used,
    milliseconds: performance.now() - started,
    held,
  };
}

const sizeOf = ({ width, height }: Picture) => ({ width, height });

/** The part of the result that a window covers, with the window in it. */
function previewOf(
  result: Picture,
  origin: { top: number; left: number },
  patch: { picture: Picture; window: Block['window'] },
  weight: Weight,
): Preview {
  const { window } = patch;
  const top = Math.max(window.top, origin.top);
  const left = Math.max(window.left, origin.left);
  const height = Math.min(window.top + window.height, origin.top + result.height) - top;
  const width = Math.min(window.left + window.width, origin.left + result.width) - left;
  const picture = cropPicture(result, {
    top: top - origin.top,
    left: left - origin.left,
    height,
    width,
  });
  land(picture, { top, left }, patch, weight);
  return { picture, top: top - origin.top, left: left - origin.left };
}

/** As `land`, for one number a pixel. */
function landNumbers(
  target: Float32Array,
  place: Block['window'],
  values: Float32Array,
  { window }: Block,
  weight: Weight,
): void {
  for (let at = 0; at < target.length; at++) {
    const y = place.top + Math.floor(at / place.width);
    const x = place.left + (at % place.width);
    const [row, column] = [y - window.top, x - window.left];
    if (row < 0 || column < 0 || row >= window.height || column >= window.width) continue;
    target[at]! += weight(y, x) * (values[row * window.width + column]! - target[at]!);
  }
}
