/**
 * The gallery of the light prior: docs/gallery.md, docs/images/gallery/.
 *
 *   npm run gallery
 *   npm run gallery -- --tasks high-dynamic-range,motion-blur
 *
 * A task that was made with the same prior, settings and size is not made again, so that a run that was
 * stopped goes on; `--force` makes all.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { type LoadedDenoiser, loadDenoiser } from 'spgd';
import { bundledPriors, readImage, useBackend, writeImage } from 'spgd/node';
import { chooseSettings } from 'spgd/tasks';
import { comparison } from '../../src/cli/comparison';
import { makeRow } from './make-row';
import { galleryPage } from './page';
import { type Figures, quality, type Row, rows } from './rows';

const docs = fileURLToPath(new URL('../../docs/', import.meta.url));
const pictures = join(docs, 'images', 'gallery');
const figuresFile = join(pictures, 'figures.json');

type Made = Figures & { readonly made: string };

const { tasks, size, backend, force } = new Command()
  .option(
    '--tasks <names>',
    'by comma',
    (text) => text.split(','),
    rows.map(({ task }) => task),
  )
  .option('--size <pixels>', 'side of the photos', Number, 192)
  .option('--backend <name>', 'backend of TensorFlow.js', 'wasm')
  .option('--force', 'make what is made already')
  .parse()
  .opts();

const unknown = (tasks as string[]).filter((name) => !rows.some(({ task }) => task === name));
if (unknown.length > 0) throw new RangeError(`gallery: no such task: ${unknown.join(', ')}`);

/** What a row depends on. */
async function origin(denoiser: LoadedDenoiser, { task, photo }: Row): Promise<string> {
  const model = fileURLToPath(new URL('group1-shard1of1.bin', bundledPriors.light));
  const { settings } = chooseSettings(task, quality, denoiser.metadata);
  const inputs = JSON.stringify([task, photo, size, settings]);
  return createHash('sha256')
    .update(await readFile(model))
    .update(inputs)
    .digest('hex')
    .slice(0, 16);
}

const files = (task: string) => ({
  picture: join(pictures, `${task}.webp`),
  strip: join(pictures, `${task}-pair.webp`),
});

/** Measurements above restorations, one column a task. */
async function writeStrip(made: readonly (Row & Figures)[]): Promise<void> {
  const columns = [];
  for (const { task, label, psnr } of made) {
    if (!label) continue;
    const detail = `${psnr.measurement === null ? '' : `${psnr.measurement.toFixed(1)} → `}${psnr.restored.toFixed(1)} dB`;
    columns.push({ title: label, detail, image: await readImage(files(task).strip) });
  }
  await writeImage(join(pictures, 'strip.webp'), await comparison(columns));
}

await mkdir(pictures, { recursive: true });
const known: Record<string, Made> = existsSync(figuresFile)
  ? JSON.parse(await readFile(figuresFile, 'utf8'))
  : {};
await useBackend(backend);
const denoiser = await loadDenoiser(bundledPriors.light);
for (const row of rows) {
  const { task } = row;
  const made = await origin(denoiser, row);
  const { picture, strip } = files(task);
  const isMade = known[task]?.made === made && existsSync(picture) && existsSync(strip);
  if (!tasks.includes(task) || (isMade && !force)) continue;
  const started = performance.now();
  known[task] = { made, ...(await makeRow(denoiser, row, { size, picture, strip })) };
  await writeFile(figuresFile, `${JSON.stringify(known, undefined, 2)}\n`);
  const { psnr } = known[task];
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(
    `${task}: ${psnr.restored.toFixed(2)} dB, baseline ${psnr.baseline.toFixed(2)} dB, ${seconds} s`,
  );
}
const made = rows.flatMap((row) => (known[row.task] ? [{ ...row, ...known[row.task]! }] : []));
await writeFile(join(docs, 'gallery.md'), galleryPage(made));
if (made.every(({ task }) => existsSync(files(task).strip))) await writeStrip(made);
denoiser.dispose();
