import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { convertBlurNetwork } from 'spgd/convert';
import { fileHandler, readImage, readTensors } from 'spgd/node';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { writeSafetensors } from '../../../src/models/checkpoint/safetensors';
import { kernelWizard } from '../../../src/models/networks/kernel-wizard';
import { filledLpips } from '../../metrics/filled-lpips';
import { filledStateDict } from '../../models/graph/filled-weights';
import { maxError } from '../../support/close';
import { runCommand } from '../../support/run-command';

const repository = fileURLToPath(new URL('../../../', import.meta.url));
const main = join(repository, 'src', 'cli', 'main.ts');
let photos: string;
let root: string;

/** A picture with something to see, as the channels and depth of a file ask for. */
const pictureOf = (seed: number, height = 24, width = 40) =>
  sharp(
    Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
        <rect width="100%" height="100%" fill="hsl(${seed * 77}, 60%, 60%)"/>
        <circle cx="${8 + 3 * seed}" cy="12" r="7" fill="hsl(${seed * 77 + 120}, 70%, 30%)"/></svg>`,
    ),
  ).flatten();

beforeAll(async () => {
  photos = await mkdtemp(join(tmpdir(), 'spgd-photos-'));
  await mkdir(join(photos, 'b'));
  await pictureOf(0).toFile(join(photos, 'c.png'));
  await pictureOf(1).toFile(join(photos, 'b', 'a & <b>.jpg'));
  await pictureOf(2).toFile(join(photos, 'a.webp'));
});

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'spgd-evaluate-'));
});

const small = ['--size', '16', '--steps', '2', '--backend', 'wasm'];
// The prior alone: what is tested here does not depend on the sampler.
const quick = [...small, '--sampler', 'probability-flow'];
const few = [...quick, '--task', 'inpainting_rand,hdr'];

/** Runs the command inside the test; gives the exit code and all that it printed. */
async function inside(...args: string[]): Promise<{ code: number; text: string }> {
  const { code, said } = await runCommand(root, ...args);
  return { code, text: said.replaceAll(photos, '<photos>') };
}

const evaluate = (name: string, ...args: string[]) =>
  inside('evaluate', photos, ...args, '--out', root, '--name', name);

const isResult = (path: string) => /^(measurements|photos|samples|posterior)\/.*\.\w+$/.test(path);

/** The files of a folder that must not depend on how the work was done. */
async function resultsOf(name: string): Promise<Record<string, string>> {
  const paths = await readdir(join(root, name), { recursive: true });
  const same = paths.filter(
    (path) => isResult(path) || /^(metrics.json|eval.md|steps.csv|grid-.*)$/.test(path),
  );
  const read = same.sort().map(async (path) => {
    return [path, (await readFile(join(root, name, path))).toString('base64')] as const;
  });
  return Object.fromEntries(await Promise.all(read));
}

const json = async (...path: string[]) => JSON.parse(await readFile(join(root, ...path), 'utf8'));

test('wrong options and combinations are refused by name, with nothing written', async () => {
  await writeFile(join(root, 'config.json'), '{"taks": "hdr"}');
  await writeFile(join(root, 'bad.yaml'), 'steps: many');
  await writeFile(join(root, 'list.yaml'), '- 1');
  await writeFile(join(root, 'code.json'), '{"metric": "evil.mjs"}');
  await mkdir(join(root, 'empty'));
  const out = ['--out', join(root, 'results'), '--backend', 'wasm'];
  const wrong = [
    [],
    ['--config', join(root, 'config.json')],
    ['--config', join(root, 'bad.yaml')],
    ['--config', join(root, 'list.yaml')],
    ['--config', join(root, 'none.yaml')],
    ['--config', join(root, 'code.json')],
    [photos, '--name', '../elsewhere'],
    [join(root, 'nowhere')],
    [join(root, 'empty')],
    [photos, '--start', '5'],
    [photos, '--start', '2', '--end', '2'],
    [photos, '--task', 'hdr,toothache'],
    [photos, '--shard', '3/2'],
    [photos, '--task', 'nonlinear_blur'],
    [photos, '--task', 'hdr', '--blur-model', 'blur'],
    [photos, '--replace-pooling'],
    [photos, '--queue', 'redis://localhost', '--shard', '1/2'],
    [photos, '--gpu', '0'],
    [photos, '--size', '30', '--task', 'hdr'],
    [photos, '--sampler', 'magic'],
    [photos, '--sampler', 'probability-flow', '--learning-rate', '1', '--task', 'hdr'],
    [photos, '--task', 'hdr', '--settings', '{hdr: {learnigRate: 1}}'],
    [photos, '--task', 'hdr', '--settings', '{denoising: {steps: 1}}'],
    [photos, '--metric', join(root, 'none.js')],
    [photos, '--out', join(root, 'list.yaml'), '--size', '16'],
  ];
  let said = '';
  for (const args of wrong) {
    const { code, text } = await inside('evaluate', ...out, ...args);
    said += `${code} ${text.replace(/^backend: .*\n/, '').replace(/one of these: [a-z].*, got/, 'one of these: …, got')}`;
  }
  expect(said).toMatchInlineSnapshot(`
    "2 spgd: evaluate: photos must be given: spgd evaluate <folder>
    2 spgd: <root>/config.json: taks is unknown
    2 spgd: <root>/bad.yaml: steps must be an integer >= 1, got many
    2 spgd: <root>/list.yaml: must be a JSON or YAML mapping such as {"task": "denoising", "samples": 2}, got [1]
    2 spgd: evaluate: cannot read <root>/none.yaml: there is no such file
    2 spgd: <root>/code.json: metric must be given by the flag --metric: no file may name code
    2 spgd: option '--name <name>' argument '../elsewhere' is invalid. It must be a name without / and \\, got ../elsewhere.
    2 spgd: evaluate: <root>/nowhere: there is no such folder, or it may not be read
    2 spgd: evaluate: <root>/empty: no photos in it; png, jpg, webp, tiff, gif and avif are looked for
    2 spgd: evaluate: <photos>: it has 3 photos, none from 5 to before the end
    2 spgd: evaluate: end must be > start = 2, got 2
    2 spgd: option '--task <names>' argument 'hdr,toothache' is invalid. It must be one of super-resolution, random-inpainting, box-inpainting, gaussian-blur, defocus-blur, motion-blu … hase-retrieval, high-dynamic-range, denoising, jpeg, colorization, demosaicing, nonlinear-blur, got hdr,toothache.
    2 spgd: option '--shard <k/n>' argument '3/2' is invalid. It must be k/n with k from 1 to n, such as 2/4, got 3/2.
    2 spgd: evaluate: blurModel must be given for nonlinear-blur, got none
    2 spgd: evaluate: blurModel must be left out without the task nonlinear-blur, got blur
    2 spgd: evaluate: replacePooling must be left out without lpips, got true
    2 spgd: evaluate: shard must be left out with queue, got 1/2
    2 spgd: evaluate: backend must be tfjs-node-gpu or tfjs-node with gpu, got wasm
    2 spgd: evaluate: high-dynamic-range by spgd: spgd(probabilityFlow): image must be of a height and width that divide by 4, got [30, 30]
    2 spgd: spgd: sampler must be spgd, or spgd: and one of these, or one of these: …, got magic
    2 spgd: evaluate: high-dynamic-range: probability-flow has no option learningRate
    2 spgd: evaluate: high-dynamic-range: spgd has no option learnigRate
    2 spgd: evaluate: settings must be for tasks of this evaluation (high-dynamic-range), got denoising
    2 spgd: evaluate: metric <root>/none.js: there is no such file
    1 spgd: evaluate: cannot write <root>/list.yaml/spgd/inputs.json: a part of the path is a file
    "
  `);
  expect((await readdir(root)).sort()).toEqual([
    'bad.yaml',
    'code.json',
    'config.json',
    'empty',
    'list.yaml',
  ]);
});

const guided = [...small, '--warmup-steps', '1', '--task', 'inpainting_rand,hdr'];

test('a run writes what it says, and its config.json repeats it to the bit', async () => {
  const { code, text } = await evaluate(
    'a',
    ...guided,
    '--end',
    '2',
    '--samples',
    '2',
    '--trajectory',
  );
  expect(text).toMatch(
    /^high-dynamic-range: spgd, the settings of the model: steps 2, .*learningRate/m,
  );
  expect(code).toBe(0);
  const results = await resultsOf('a');
  expect(
    Object.keys(results).filter((path) => path.includes('high-dynamic-range')),
  ).toMatchInlineSnapshot(`
    [
      "grid-high-dynamic-range.png",
      "measurements/high-dynamic-range/00000-a.png",
      "measurements/high-dynamic-range/00000-a.safetensors",
      "measurements/high-dynamic-range/00001-a-b-.png",
      "measurements/high-dynamic-range/00001-a-b-.safetensors",
      "posterior/high-dynamic-range/00000-a-mean.png",
      "posterior/high-dynamic-range/00000-a-std.png",
      "posterior/high-dynamic-range/00001-a-b--mean.png",
      "posterior/high-dynamic-range/00001-a-b--std.png",
      "samples/high-dynamic-range/00000-a-run0.png",
      "samples/high-dynamic-range/00000-a-run0.webp",
      "samples/high-dynamic-range/00000-a-run1.png",
      "samples/high-dynamic-range/00000-a-run1.webp",
      "samples/high-dynamic-range/00001-a-b--run0.png",
      "samples/high-dynamic-range/00001-a-b--run0.webp",
      "samples/high-dynamic-range/00001-a-b--run1.png",
      "samples/high-dynamic-range/00001-a-b--run1.webp",
    ]
  `);
  const metrics = await json('a', 'metrics.json');
  expect(metrics).toMatchObject({ done: 8, items: 8, missing: [] });
  const { sample, mean, min, max } = metrics.tasks['high-dynamic-range'].psnr.photos['00001-a-b-'];
  expect(sample).toHaveLength(2);
  expect([min, max]).toEqual([Math.min(...sample), Math.max(...sample)]);
  expect(mean).toBeCloseTo((sample[0] + sample[1]) / 2, 10);

  // The sample on disk is the sample: the same PSNR but for the rounding to bytes.
  const [clean, image] = await Promise.all(
    ['photos', 'samples/high-dynamic-range'].map((folder, i) =>
      readImage(join(root, 'a', folder, `00000-a${i ? '-run1' : ''}.png`)),
    ),
  );
  const squares = clean!.sub(image!).div(2).square().mean().dataSync()[0]!;
  const onDisk = -10 * Math.log10(squares);
  expect(
    Math.abs(onDisk - metrics.tasks['high-dynamic-range'].psnr.photos['00000-a'].sample[1]),
  ).toBeLessThan(0.05);

  const {
    mask,
    measurement,
    clean: kept,
  } = await readTensors(
    join(root, 'a', 'measurements', 'random-inpainting', '00000-a.safetensors'),
  );
  expect(maxError(kept!, clean!)).toBeLessThan(1e-6);
  expect(mask!.shape).toEqual([1, 16, 16, 1]);
  expect(maxError(measurement!.sub(kept!.mul(mask!)), measurement!.mul(0))).toBeLessThan(0.06);

  const film = await sharp(
    join(root, 'a', 'samples', 'high-dynamic-range', '00000-a-run0.webp'),
  ).metadata();
  expect(film.pages).toBe(2);
  const page = await readFile(join(root, 'a', 'report.html'), 'utf8');
  expect(page).not.toMatch(/(src|href)="(?!data:)/);
  expect(page).toContain('<path d="M');

  const config = ['--config', join(root, 'a', 'config.json'), '--out', root];
  expect((await inside('evaluate', ...config, '--name', 'b')).code).toBe(0);
  expect(await resultsOf('b')).toEqual(results);
});

test('shards of one evaluation join to what it gives in one piece', async () => {
  await evaluate('whole', ...few);
  for (const k of [1, 2, 3])
    expect((await evaluate(`${k}`, ...few, '--shard', `${k}/3`)).code).toBe(0);
  const parts = [1, 2, 3].map((k) => join(root, `${k}`));
  expect(await json('1', 'metrics.json')).toMatchObject({ done: 2, items: 6 });
  expect((await inside('merge', ...parts, '--out', join(root, 'joined'))).code).toBe(0);
  expect(await resultsOf('joined')).toEqual(await resultsOf('whole'));
  const other = await evaluate('other', ...few, '--seed', '1', '--end', '1');
  expect(other.code).toBe(0);
  const refused = await inside('merge', parts[0]!, join(root, 'other'), '--out', join(root, 'no'));
  expect(refused).toMatchObject({ code: 2, text: expect.stringMatching(/seed must be 0.*got 1/) });
});

test('a batch gives each item its own seed; another config and other photos are refused', async () => {
  await evaluate('one', ...few);
  await evaluate('two', ...few, '--batch', '2');
  const values = async (name: string): Promise<number[]> => {
    const { photos } = (await json(name, 'metrics.json')).tasks['high-dynamic-range'].psnr;
    return Object.values<{ mean: number }>(photos).map(({ mean }) => mean);
  };
  expect(maxError(await values('one'), await values('two'))).toBeLessThan(1e-3);
  const { code, text } = await evaluate('one', ...few, '--batch', '2');
  expect([code, text]).toEqual([2, expect.stringMatching(/batch must be 1, as .* got 2/)]);
  const fewer = await inside('evaluate', join(photos, 'b'), ...few, '--out', root, '--name', 'one');
  expect([fewer.code, fewer.text]).toEqual([2, expect.stringMatching(/photos must be .* got a &/)]);
});

test('a folder or a part of one names nothing that is run, read or written', async () => {
  await evaluate('good', ...quick, '--task', 'hdr', '--end', '1');
  const folder = join(root, 'good');
  const evil = join(root, 'evil.mjs');
  await writeFile(evil, `throw new Error('this was run')`);
  const config = await json('good', 'config.json');
  const inputs = await json('good', 'inputs.json');
  const item = join('items', 'high-dynamic-range', '00000-a-run0.json');
  const record = await json('good', item);
  const photo = { ...inputs.photos[0], name: '../a.webp' };
  const changes: [string, unknown][] = [
    ['config.json', { ...config, metric: [evil] }],
    ['config.json', { ...config, backend: 'file:///evil' }],
    ['config.json', { ...config, settings: { hdr: { steps: 'many' } } }],
    ['inputs.json', { ...inputs, photos: [photo] }],
    [item, { ...record, metrics: '\u001b[2J' }],
  ];
  let said = '';
  for (const [file, content] of changes) {
    const before = await readFile(join(folder, file));
    await writeFile(join(folder, file), JSON.stringify(content));
    const { code, text } = await inside('merge', folder, '--out', join(root, 'joined'));
    said += `${code} ${text}`;
    await writeFile(join(folder, file), before);
    await rm(join(root, 'joined'), { recursive: true, force: true });
  }
  said += (await inside('worker', folder)).text;
  expect(said).toMatchInlineSnapshot(`
    "2 spgd: <root>/good/config.json: metric is unknown
    2 spgd: <root>/good/config.json: backend must be of type ("tfjs-node-gpu" | "tfjs-node" | "webgpu" | "wasm" | "cpu"), got file:///evil
    2 spgd: <root>/good/config.json: settings.hdr.steps must be an integer >= 1, got many
    2 spgd: <root>/good/inputs.json: photos.0.name must be a path inside the folder of photos, got ../a.webp
    2 spgd: <root>/joined/items/high-dynamic-range/00000-a-run0.json: metrics must be of type Object, got \\u001b[2J
    spgd: required option '--photos <folder>' not specified
    "
  `);

  // What an evaluation does not plan stays behind, and what is missing is an error with the list.
  await writeFile(join(folder, 'samples', 'stray.txt'), '');
  const joined = join(root, 'joined');
  expect((await inside('merge', folder, '--out', joined)).code).toBe(0);
  expect(await readdir(join(joined, 'samples'))).toEqual(['high-dynamic-range']);
  await rm(join(joined, item));
  await rm(join(folder, item));
  const { code, text } = await inside('merge', folder, '--out', joined);
  expect([code, text]).toEqual([1, expect.stringMatching(/1 of 1 items are missing: high-dyn/)]);
});

test('every function that a module exports is one more metric', async () => {
  const module = join(root, 'my-metrics.mjs');
  await writeFile(
    module,
    `export const mae = Object.assign((sample, clean) => sample.sub(clean).abs().mean(), { lowerIsBetter: true });
     export async function pixels(sample) { return sample.size / 3; }`,
  );
  const args = [...quick, '--task', 'hdr', '--end', '1', '--samples', '2', '--metric', module];
  expect((await evaluate('a', ...args)).code).toBe(0);
  const { mae, pixels, psnr } = (await json('a', 'metrics.json')).tasks['high-dynamic-range'];
  expect(pixels.mean).toBe(256);
  expect(mae.bestOfSamples).toBe(mae.photos['00000-a'].min);
  // No error is above 2: mse / 2 <= mae <= sqrt(mse), and mse = 4 / 10^(psnr / 10).
  expect(mae.mean).toBeGreaterThan(2 / 10 ** (psnr.mean / 10));
  expect(mae.mean).toBeLessThan(2 / 10 ** (psnr.photos['00000-a'].min / 20));
});

test('LPIPS and the nonlinear blur come with models of one’s own', async () => {
  const lpips = join(root, 'lpips');
  await fileHandler(`file://${lpips}`).save(await filledLpips('squeeze'));
  const config = { input_nc: 3, nf: 2, front_RBs: 1, back_RBs: 1 };
  const weights = writeSafetensors(filledStateDict(kernelWizard(config).weights));
  const blur = join(root, 'blur');
  await fileHandler(`file://${blur}`).save(await convertBlurNetwork(weights));
  const models = ['--lpips', lpips, '--blur-model', blur];
  const one = ['--size', '128', '--steps', '1', '--sampler', 'probability-flow', '--end', '1'];
  const { code, text } = await evaluate('a', ...one, '--task', 'nonlinear_blur', ...models);
  expect([code, text]).toEqual([0, expect.stringMatching(/nonlinear-blur: psnr .* lpips /)]);
  expect(Object.keys((await json('a', 'inputs.json')).models)).toEqual([
    'model',
    'blurModel',
    'lpips',
  ]);
  const path = join(root, 'a', 'measurements', 'nonlinear-blur', '00000-a.safetensors');
  expect((await readTensors(path)).kernel!.shape.slice(0, 3)).toEqual([1, 1, 1]);
  await fileHandler(`file://${lpips}`).save(await filledLpips('alex'));
  const other = await evaluate('a', ...one, '--task', 'nonlinear_blur', ...models);
  expect([other.code, other.text]).toEqual([2, expect.stringMatching(/lpips must be as when/)]);
});

const spawned = (name: string, ...args: string[]): ChildProcess =>
  spawn(
    process.execPath,
    [
      ...['--import', 'tsx', main, 'evaluate', photos],
      ...few,
      '--out',
      root,
      '--name',
      name,
      ...args,
    ],
    { cwd: repository },
  );

test('killed and started again as two processes at once, it ends in the identical files', async () => {
  const child = spawned('killed');
  for await (const line of child.stderr!) if (String(line).includes('image 2/6')) break;
  child.kill('SIGKILL');
  await once(child, 'exit');
  const folder = join(root, 'killed');
  const items = await readdir(join(folder, 'items'), { recursive: true });
  const done = items.filter((path) => path.endsWith('.json')).length;
  expect(done).toBeGreaterThanOrEqual(2);
  expect(done).toBeLessThan(6);
  // What a write leaves that was cut short.
  const half = join(folder, 'items', '00000-a-run0.json.12345');
  await writeFile(half, '{');
  await utimes(half, 0, 0);
  const again = spawned('killed', '--workers', '2');
  expect((await once(again, 'close'))[0]).toBe(0);
  await evaluate('whole', ...few);
  expect(await resultsOf('killed')).toEqual(await resultsOf('whole'));
  expect(await readdir(join(folder, 'claims'))).toEqual([]);
  const left = await readdir(folder, { recursive: true });
  expect(left.filter((path) => /\.\d+$/.test(path))).toEqual([]);
});

test('strange files are restored, and unreadable ones listed at the end', async () => {
  const folder = join(root, 'photos');
  await mkdir(folder);
  const file = (name: string) => join(folder, name);
  await pictureOf(1).toFile(file('good.png'));
  await pictureOf(1, 1, 1).toFile(file('1x1.png'));
  await pictureOf(1).toColourspace('rgb16').png().toFile(file('16-bit.png'));
  await pictureOf(1).toColourspace('cmyk').jpeg().toFile(file('cmyk.jpg'));
  await pictureOf(1).toColourspace('b-w').png().toFile(file('gray.png'));
  await pictureOf(1).ensureAlpha(0.5).png().toFile(file('alpha.png'));
  await writeFile(file('text.png'), 'this is text');
  await writeFile(file('nothing.png'), '');
  await writeFile(file('notes.txt'), 'no picture at all');
  const good = await readFile(file('good.png'));
  await writeFile(file('cut.png'), good.subarray(0, good.length / 2));
  const args = [...quick, '--task', 'hdr', '--out', root, '--name', 'a'];
  const { code, text } = await inside('evaluate', folder, ...args);
  expect(code).toBe(1);
  expect(text.split('\n').filter((line) => line.startsWith('missing'))).toMatchInlineSnapshot(`
    [
      "missing: cut.png: readImage: cannot read <root>/photos/cut.png: the image is damaged or not supported (vipspng: libpng read error)",
      "missing: nothing.png: readImage: cannot read <root>/photos/nothing.png: it is not an image; png, jpeg, webp, tiff, gif and avif are read",
      "missing: text.png: readImage: cannot read <root>/photos/text.png: it is not an image; png, jpeg, webp, tiff, gif and avif are read",
    ]
  `);
  const { done, items, tasks } = await json('a', 'metrics.json');
  expect([done, items, Object.keys(tasks['high-dynamic-range'].psnr.photos).length]).toEqual([
    9, 9, 6,
  ]);
  expect((await inside('evaluate', folder, ...args)).code).toBe(1);
});

test('a run that diverges is listed with what to change, and the others are kept', async () => {
  const wild = ['--task', 'hdr,denoising', '--settings', '{denoising: {learningRate: 1e38}}'];
  const { code, text } = await evaluate('a', ...small, '--end', '1', ...wild);
  expect(code).toBe(1);
  expect(text).toMatch(/missing: a.webp, denoising, run 0: became NaN .* lower learningRate/);
  expect(Object.keys((await json('a', 'metrics.json')).tasks['high-dynamic-range'])).toEqual([
    'psnr',
    'ssim',
  ]);
});
