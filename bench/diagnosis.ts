/**
 * What `diagnose` finds in photos with noise, sharp and blurred, as PNG and as JPEG:
 *
 *   npm run bench:diagnosis -- --photos folder
 *
 * Each photo is reduced to a width, blurred, given noise, and stored. A row counts the photos by the kind of blur that
 * the diagnosis is sure of. `grain` is noise that neighbours share.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import sharp from 'sharp';
import { readJpeg } from 'spgd';
import { type Blur, blurKernel, diagnose } from 'spgd/tasks';
import { normalNumber, uniformGenerator } from '../src/internal/random';
import { byComma } from './arguments';

const program = new Command()
  .requiredOption('--photos <folder>', 'photos to look at')
  .option('--only <names>', 'those whose names begin so', byComma)
  .option('--width <pixels>', 'of the reduced photos', Number, 900)
  .option('--noise <list>', 'standard deviations on 0 to 255', '0,5,15,30')
  .option('--formats <list>', 'png, grain, or the quality of a JPEG', 'png,grain,92,75')
  .option('--blurs <list>', 'kind:size:angle', 'none')
  .option('--each', 'a line for each photo')
  .parse();
const options = program.opts();

interface Picture {
  readonly values: Float32Array;
  readonly height: number;
  readonly width: number;
}

async function photoAt(path: string): Promise<Picture> {
  const { data, info } = await sharp(path)
    .removeAlpha()
    .toColourspace('srgb')
    .resize({ width: options.width, withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { values: Float32Array.from(data), height: info.height, width: info.width };
}

function blurOf(text: string): Blur | undefined {
  const [kind, size, angle] = text.split(':');
  if (kind === 'none') return undefined;
  if (kind === 'line') return { kind, size: Number(size), angle: Number(angle) };
  return { kind: kind as 'gaussian' | 'disc', size: Number(size) };
}

/** The part of a photo that a blur sees whole. */
function blurred({ values, height, width }: Picture, blur: Blur): Picture {
  const kernel = blurKernel(blur);
  const reach = kernel.length >> 1;
  const [rows, columns] = [height - 2 * reach, width - 2 * reach];
  const result = new Float32Array(3 * rows * columns);
  for (const [i, taps] of kernel.entries())
    for (const [j, tap] of taps.entries()) {
      if (tap === 0) continue;
      for (let y = 0; y < rows; y++) {
        const [from, to] = [3 * ((y + i) * width + j), 3 * y * columns];
        for (let k = 0; k < 3 * columns; k++) result[to + k]! += tap * values[from + k]!;
      }
    }
  return { values: result, height: rows, width: columns };
}

/** Noise of a standard deviation, each channel alone; as grain, each pixel is a mean of its neighbours. */
function noiseOf({ height, width }: Picture, std: number, isGrain: boolean): Float32Array {
  const uniform = uniformGenerator('measure', 7);
  const white = Float32Array.from(
    { length: 3 * height * width },
    () => std * normalNumber(uniform),
  );
  if (!isGrain) return white;
  // 3/8 is the sum of the squares of 1/4, 1/2, 1/4.
  const along = (noise: Float32Array, step: number) =>
    noise.map((value, at) => {
      const around = (noise[at - step] ?? 0) + (noise[at + step] ?? 0);
      return (value / 2 + around / 4) / Math.sqrt(3 / 8);
    });
  return along(along(white, 3), 3 * width);
}

/** Values in [-1, 1] as a file of the format gives them back, and the errors of its compression. */
async function stored(photo: Picture, noise: Float32Array, format: string) {
  const bytes = Uint8Array.from(photo.values, (value, at) =>
    Math.max(0, Math.min(255, Math.round(value + noise[at]!))),
  );
  const scaled = (levels: ArrayLike<number>) =>
    Float32Array.from(levels, (value) => value / 127.5 - 1);
  if (format === 'png' || format === 'grain') return { values: scaled(bytes), errorStd: 0 };
  const raw = { width: photo.width, height: photo.height, channels: 3 } as const;
  const file = await sharp(bytes, { raw })
    .jpeg({ quality: Number(format) })
    .toBuffer();
  const { errorLevel } = await readJpeg(new Uint8Array(file));
  return { values: scaled(await sharp(file).raw().toBuffer()), errorStd: errorLevel };
}

const files = (await readdir(options.photos))
  .filter((file) => /\.(png|jpe?g|webp)$/i.test(file))
  .filter((file) => !options.only || options.only.some((name: string) => file.startsWith(name)))
  .sort();
console.log('| format | noise | blur | none | Gaussian | disc | line | strongest evidence | s |');
console.log('|---|---|---|---|---|---|---|---|---|');
for (const format of byComma(options.formats))
  for (const std of byComma(options.noise).map(Number))
    for (const name of byComma(options.blurs)) {
      const blur = blurOf(name);
      const found: string[] = [];
      let [strongest, seconds] = [0, 0];
      for (const file of files) {
        const whole = await photoAt(join(options.photos, file));
        const photo = blur ? blurred(whole, blur) : whole;
        const noise = noiseOf(photo, std, format === 'grain');
        const { values, errorStd } = await stored(photo, noise, format);
        const started = performance.now();
        const seen = diagnose(values, [photo.height, photo.width, 3], undefined, errorStd);
        seconds += (performance.now() - started) / 1000 / files.length;
        const { blur: likeliest, isBlurred, evidence, confidence } = seen.blur!;
        found.push(isBlurred ? likeliest!.kind : 'none');
        strongest = Math.max(strongest, evidence);
        const turn = likeliest?.kind === 'line' ? `:${likeliest.angle.toFixed(0)}` : '';
        if (options.each)
          console.log(
            `  ${file} ${format} ${std} ${name}: ${isBlurred ? '' : 'not '}${likeliest?.kind}:${likeliest?.size.toFixed(2)}${turn} ` +
              `${confidence.toFixed(2)} ${evidence.toFixed(1)}; noise ${seen.noise!.std.toFixed(4)} ${seen.noise!.sharedStd.toFixed(4)} ${seen.noise!.correlated}`,
          );
      }
      const counts = ['none', 'gaussian', 'disc', 'line'].map(
        (kind) => found.filter((one) => one === kind).length,
      );
      console.log(
        `| ${[format, std, name, ...counts, strongest.toFixed(0), seconds.toFixed(1)].join(' | ')} |`,
      );
    }
