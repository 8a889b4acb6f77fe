import { type ChosenTask, taskOf } from './choose-task';
import { diagnosePhoto, diagnosisText, type PhotoDiagnosis, taskFor } from './diagnose-photo';
import { jpegText } from './jpeg-photo';
import { readPhoto } from './read-photo';
import type { RestoreOptions } from './restore-options';

/** The task of a photo, or why none is chosen. */
function planOf(found: PhotoDiagnosis, options: RestoreOptions): ChosenTask | { reason: string } {
  try {
    return taskOf(options) ?? taskFor(found, options);
  } catch (error) {
    return { reason: (error as Error).message };
  }
}

/** Looks at photos, and prints as JSON what is found and what would be done; nothing is restored. */
export async function dryRun(
  paths: readonly string[],
  options: RestoreOptions,
  say: (line: string) => void,
): Promise<void> {
  const all: object[] = [];
  for (const path of paths) {
    const photo = await readPhoto(path, options);
    const found = await diagnosePhoto(path, photo, options);
    say(`${path}: ${diagnosisText(found)}`);
    const { treated, jpeg, ...plain } = found;
    all.push({
      ...plain,
      format: photo.file?.format,
      ...(jpeg && { jpeg: 'file' in jpeg ? jpegText(jpeg.file) : jpeg.refusal }),
      treatedNoise: treated.sharedStd ?? treated.std,
      plan: planOf(found, options),
    });
  }
  console.log(JSON.stringify(all, null, 2));
}
