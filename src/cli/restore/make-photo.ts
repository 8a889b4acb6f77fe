import { join } from 'node:path';
import { type Pixels, writePixels } from 'spgd/node';
import type { MakeSettings, Outcome, PhotoWork, Target } from './photo-work';
import { rate } from './rate';
import { runPieces, type Work } from './run-pieces';
import { mostShown, pictureSource } from './samples-report';
import { writeSamples } from './write-samples';

/** Restores one sample of a photo. */
async function makeTarget(
  { job }: PhotoWork,
  { out, seed, journal }: Target,
  { say, task, ...settings }: MakeSettings,
  work: Work,
): Promise<{ picture: Pixels; outcome: Outcome }> {
  await journal.begin();
  const path = join(journal.folder, 'preview.png');
  const preview = (picture: Pixels) =>
    writePixels(path, picture).catch(({ message }: Error) =>
      say(`warning: no preview: ${message}`),
    );
  const plan = job.plan();
  const run = { pieces: plan.pieces, seed, journal, preview };
  const consistency = await runPieces(run, { ...settings, noiseStd: job.noise.std }, work);
  const picture = plan.picture();
  const before = await rate(task, job.clean, job.damaged);
  const after = await rate(task, job.clean, picture);
  return { picture, outcome: { out, seed, before, after, consistency } };
}

/** Restores a photo once, or draws its samples and writes their mean, spread and report. */
export async function makePhoto(
  photo: PhotoWork,
  settings: MakeSettings,
  work: Work,
): Promise<Outcome> {
  const { keep, keepGps } = settings;
  const [only, ...more] = photo.targets;
  if (more.length === 0) {
    const { picture, outcome } = await makeTarget(photo, only!, settings, work);
    await writePixels(photo.out, picture, { keepGps });
    return outcome;
  }
  const done: Outcome[] = [];
  const shown: string[] = [];
  const write = () => writeSamples(photo, done, shown, settings);
  try {
    for (const target of photo.targets) {
      const { picture, outcome } = await makeTarget(photo, target, settings, work);
      if (keep === 'all') await writePixels(target.out, picture, { keepGps });
      if (shown.length < mostShown) shown.push(await pictureSource(picture));
      done.push(outcome);
    }
  } catch (error) {
    if (settings.signal.aborted && done.length > 1) {
      await write();
      settings.say(`wrote ${photo.out}: mean of ${done.length} of ${photo.targets.length} samples`);
    }
    throw error;
  }
  return write();
}
