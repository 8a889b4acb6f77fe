/**
 * The constants of `src/tasks/diagnosis/photo-spectra.ts`: mean and covariance of the parameters that
 * explain the spectra of sharp photos.
 *
 *   npx tsx tools/photo-spectra.ts folder
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describeSpectrum } from '../src/tasks/diagnosis/fit-spectrum';
import { lumaWeights } from '../src/tasks/diagnosis/photo-blur';
import { powerSpectrum } from '../src/tasks/diagnosis/power-spectrum';

/** Side of the crops, and how much each photo is reduced. */
const [side, reductions] = [128, [1, 2]] as const;

/** The grey centre of a photo, in [-1, 1]. */
async function centre(path: string, reduction: number) {
  const { width, height } = await sharp(path).metadata();
  const [columns, rows] = [Math.floor(width / reduction), Math.floor(height / reduction)];
  const cut = { left: (columns - side) >> 1, top: (rows - side) >> 1, width: side, height: side };
  const bytes = await sharp(path)
    .removeAlpha()
    .toColourspace('srgb')
    .resize(columns, rows)
    .extract(cut)
    .raw()
    .toBuffer();
  const values = Float32Array.from({ length: side ** 2 }, (_, at) => {
    const level = (c: number) => lumaWeights[c]! * bytes[3 * at + c]!;
    return (level(0) + level(1) + level(2)) / 127.5 - 1;
  });
  return { values, height: side, width: side };
}

const [folder] = process.argv.slice(2) as [string];
const files = (await readdir(folder)).filter((file) => /\.(png|jpe?g|webp)$/i.test(file)).sort();
const all: number[][] = [];
for (const file of files)
  for (const reduction of reductions)
    all.push(describeSpectrum(powerSpectrum(await centre(join(folder, file), reduction))!));
const mean = all[0]!.map((_, k) => all.reduce((sum, one) => sum + one[k]! / all.length, 0));
const covariance = mean.map((_, k) =>
  mean.map((__, j) =>
    all.reduce((sum, one) => sum + ((one[k]! - mean[k]!) * (one[j]! - mean[j]!)) / all.length, 0),
  ),
);
const line = (row: readonly number[]) => `[${row.map((x) => Number(x.toFixed(3))).join(', ')}]`;
console.log(`${all.length} crops\n${line(mean)}\n${covariance.map(line).join(',\n')}`);
