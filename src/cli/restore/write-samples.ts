import { basename } from 'node:path';
import { intervalFactor, joinConsistency } from 'spgd';
import { writePixels } from 'spgd/node';
import writeFileAtomic from 'write-file-atomic';
import { consistencyText, spreadText } from './consistency-text';
import { deviationMap } from './deviation-map';
import { mergeSamples } from './merge-samples';
import { beside } from './out-path';
import type { MakeSettings, Outcome, PhotoWork, Spread } from './photo-work';
import { rate } from './rate';
import { pictureSource, samplesReport } from './samples-report';
import { spreadIn } from './spread';

/** Writes mean, map and report of the samples of a photo that are done. */
export async function writeSamples(
  { path, job, out, targets }: PhotoWork,
  done: readonly Outcome[],
  shown: readonly string[],
  { task, keep, keepGps, intervalScale }: MakeSettings,
): Promise<Outcome> {
  const journals = targets.slice(0, done.length).map(({ journal }) => journal);
  const merged = await mergeSamples(job, journals);
  const { mean, pieces, deviation } = merged;
  await writePixels(out, mean, { keepGps });
  const map = beside(out, 'std', '.png');
  const drawing = await deviationMap(merged);
  await writeFileAtomic(map, drawing);
  const factor = intervalFactor(done.length, intervalScale ? { scale: intervalScale } : {});
  const [height, width] = deviation.shape;
  const whole = spreadIn(merged, { top: 0, left: 0, height, width }, factor);
  const regions = pieces.map(({ box }) => spreadIn(merged, box, factor));
  const consistency = joinConsistency(done.map((one) => one.consistency));
  const report = beside(out, 'report', '.html');
  const isCalibrated = intervalScale !== undefined;
  const spread: Spread = { count: done.length, map, report, whole, regions, isCalibrated };
  const page = samplesReport({
    title: basename(path),
    text: [
      `The mean of ${done.length} samples of what the photo may have shown.`,
      `It ${consistencyText(consistency)}.`,
      spreadText(spread),
    ],
    ...(job.damaged && { damaged: await pictureSource(job.damaged) }),
    mean: await pictureSource(mean),
    map: await pictureSource(drawing),
    samples: shown,
    regions,
  });
  await writeFileAtomic(report, page);
  const before = await rate(task, job.clean, job.damaged);
  const after = await rate(task, job.clean, mean);
  const samples = keep === 'all' ? { samples: done } : {};
  return { out, before, after, consistency, spread, ...samples };
}
