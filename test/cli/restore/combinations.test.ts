import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { type Blur, blurKernel } from 'spgd/tasks';
import { beforeAll, describe, expect, it } from 'vitest';
import { diagnosePhoto, taskFor } from '../../../src/cli/restore/diagnose-photo';
import { readPhoto } from '../../../src/cli/restore/read-photo';
import type { RestoreOptions } from '../../../src/cli/restore/restore-options';
import { normalNumber, uniformGenerator } from '../../../src/internal/random';
import { blurred, deadLeaves } from '../../tasks/dead-leaves';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'spgd-combinations-'));
});

/** What happened to a photo, in this order. */
interface Damages {
  readonly blur?: Blur;
  /** Standard deviation on the [-1, 1] scale, in each channel or in all alike. */
  readonly noise?: number;
  readonly shared?: number;
  /** Of noise that a Gaussian of 0.8 pixels made coarser. */
  readonly grain?: number;
  /** It was reduced, and enlarged again, this many times. */
  readonly reduced?: number;
  readonly quality?: number;
}

const leaves = deadLeaves(180, 192, 6);
const [gaussian, disc, line] = [
  { kind: 'gaussian', size: 2 },
  { kind: 'disc', size: 3 },
  { kind: 'line', size: 9, angle: 30 },
] as const;

/** Gain and offset of a channel: leaves of changing colours. */
const tints = [
  [1, 0],
  [0.8, 0.1],
  [0.9, -0.1],
] as const;

/** White noise, as coarse as grain where it is asked for. */
function noiseOf(std: number, isCoarse: boolean, seed: number): ArrayLike<number> {
  const uniform = uniformGenerator('measure', seed);
  const { height, width } = leaves;
  const values = Float32Array.from({ length: height * width }, () => normalNumber(uniform));
  if (!isCoarse) return values.map((value) => std * value);
  const soft = blurred({ values, height, width }, blurKernel({ kind: 'gaussian', size: 0.8 }));
  const power = Array.from(soft.values).reduce((sum, v) => sum + v ** 2, 0) / values.length;
  return Float32Array.from(soft.values, (v) => (std * v) / Math.sqrt(power));
}

/** A photo with these damages as a file. */
async function damaged(name: string, damages: Damages): Promise<string> {
  const { blur, noise = 0, shared = 0, grain = 0, reduced, quality } = damages;
  const soft = blur ? blurred(leaves, blurKernel(blur)) : leaves;
  const { height, width } = leaves;
  const own = tints.map((_, c) => noiseOf(grain || noise, grain > 0, c + 1));
  const common = noiseOf(shared, false, 9);
  const levels = Uint8Array.from({ length: 3 * height * width }, (_, i) => {
    const [at, c] = [Math.floor(i / 3), i % 3];
    const value = tints[c]![0] * soft.values[at]! + tints[c]![1] + own[c]![at]! + common[at]!;
    return Math.round(Math.min(255, Math.max(0, 127.5 * (value + 1))));
  });
  let image = sharp(levels, { raw: { height, width, channels: 3 } });
  if (reduced) {
    const small = await image
      .resize(width / reduced, height / reduced)
      .png()
      .toBuffer();
    image = sharp(small).resize(width, height);
  }
  const path = join(root, `${name.replace(/[^a-z0-9]+/gi, '-')}.${quality ? 'jpg' : 'png'}`);
  await (quality ? image.jpeg({ quality }) : image.png()).toFile(path);
  return path;
}

const options = { grayscale: false } as RestoreOptions;

/** What is found, and the task that is chosen. */
async function judged(name: string, damages: Damages) {
  const path = await damaged(name, damages);
  const found = await diagnosePhoto(path, await readPhoto(path, options), options);
  return { found, task: taskFor(found, options).task };
}

const table: readonly [what: string, damages: Damages, task: string][] = [
  ['noise', { noise: 0.1 }, 'denoising'],
  ['noise in all channels alike', { shared: 0.1 }, 'denoising'],
  ['grain larger than a pixel', { grain: 0.1 }, 'denoising'],
  ['noise, then JPEG of quality 90', { noise: 0.1, quality: 90 }, 'denoising'],
  ['faint noise, then JPEG of quality 20', { noise: 0.03, quality: 20 }, 'jpeg'],
  ['JPEG of quality 50', { quality: 50 }, 'jpeg'],
  ['a Gaussian, then noise', { blur: gaussian, noise: 0.03 }, 'gaussian-blur'],
  ['a disc, then noise', { blur: disc, noise: 0.03 }, 'defocus-blur'],
  ['a movement, then noise', { blur: line, noise: 0.03 }, 'motion-blur'],
  ['a Gaussian, then JPEG of quality 90', { blur: gaussian, quality: 90 }, 'gaussian-blur'],
  ['a Gaussian, then JPEG of quality 50', { blur: gaussian, quality: 50 }, 'jpeg'],
  ['a photo enlarged three times', { reduced: 3 }, 'gaussian-blur'],
];

describe('a photo with several damages', () => {
  it.each(table)('%s', async (what, damages, task) => {
    const { found, task: chosen } = await judged(what, damages);
    expect(chosen).toBe(task);
    const std = damages.noise ?? damages.grain ?? damages.shared;
    if (std && !damages.quality) {
      expect(found.noise!.std / std).toBeGreaterThan(0.85);
      expect(found.noise!.std / std).toBeLessThan(1.15);
    }
    if (!damages.blur || task === 'jpeg') return;
    expect(found.blur!.blur!.kind).toBe(damages.blur.kind);
    expect(found.blur!.blur!.size / damages.blur.size).toBeGreaterThan(0.8);
    expect(found.blur!.blur!.size / damages.blur.size).toBeLessThan(1.2);
    if (damages.quality) expect(found.treated.source).toBe('the errors of a JPEG');
  });

  it('leaves the line that a texture under large grain passes for', async () => {
    const { found } = await judged('a line under noise', { noise: 0.05 });
    const line = { kind: 'line', size: 4.4, angle: 0 } as const;
    const blur = { blur: line, cautious: line, confidence: 0.96, evidence: 27, isBlurred: true };
    expect(taskFor({ ...found, blur }, options).task).toBe('motion-blur');
    const grain = { ...found, noise: { ...found.noise!, correlated: true } };
    expect(taskFor({ ...grain, blur }, options).task).toBe('denoising');
  });
});
