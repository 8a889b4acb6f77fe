import { existsSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { motionKernel } from 'spgd';
import { fileHandler, useBackend } from 'spgd/node';
import { blurKernel, type GrayImage } from 'spgd/tasks';
import { beforeAll, describe, expect, it } from 'vitest';
import { readKernel } from '../../../src/cli/restore/read-kernel';
import { normalNumber, uniformGenerator } from '../../../src/internal/random';
import { filledModel } from '../../models/graph/filled-model';
import { runCommand } from '../../support/run-command';
import { blurred, deadLeaves } from '../../tasks/dead-leaves';

let root: string;
const at = (name: string) => join(root, name);

/** Runs `spgd restore` with a small model. */
const restore = (...args: string[]) => {
  const model = ['--model', at('model'), '--backend', 'wasm', '--workers', '1', '--steps', '1'];
  return runCommand(root, 'restore', ...args, ...model);
};

const uniform = uniformGenerator('measure', 5);
const noise = () => 0.006 * normalNumber(uniform);

const save = ({ values, height, width }: GrayImage, name: string) =>
  sharp(
    Uint8Array.from(values, (v) => Math.round(Math.min(255, Math.max(0, 127.5 * (v + 1))))),
    { raw: { height, width, channels: 1 } },
  )
    .png()
    .toFile(at(name));

const lens = blurKernel({ kind: 'disc', size: 3 });

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'spgd-blind-'));
  await useBackend('wasm');
  const url = pathToFileURL(join(at('model'), 'model.json')).href;
  await fileHandler(url).save(await filledModel());
  const leaves = deadLeaves(110, 130, 6);
  await save(blurred(deadLeaves(66, 98, 6), lens, noise), 'lens.png');
  const streak = blurKernel({ kind: 'line', size: 9, angle: 60 });
  await save(blurred(leaves, streak, noise), 'shaken.png');
  await save(blurred(leaves, [[1]], noise), 'sharp.png');
  const turned = motionKernel({ kernelSize: 15, seed: 2 });
  await save(blurred(leaves, turned, noise), 'turned.png');
});

describe('restore --kernel auto', () => {
  it('undoes the blur that it finds, and writes its kernel, which --kernel takes', async () => {
    const { code, said } = await restore(at('lens.png'), '--kernel', 'auto');
    expect(said).toMatch(
      /a blur out of focus, a disc of radius (2\.[789]|3\.[0123]) \(confidence \d+ %\)/,
    );
    expect(said).toContain('task: defocus-blur');
    expect(said).toContain('wrote <root>/lens-restored-kernel.png: the blur that was found');
    expect(code).toBe(0);
    const kernel = await readKernel(at('lens-restored-kernel.png'));
    expect(kernel).toHaveLength(lens.length);
    const distance = kernel.flat().map((tap, i) => Math.abs(tap - lens.flat()[i]!));
    expect(distance.reduce((a, b) => a + b)).toBeLessThan(0.3);
  });

  it('tells the direction of a movement', async () => {
    const { code, said } = await restore(at('shaken.png'), '--dry-run');
    expect(code).toBe(0);
    expect(said).toMatch(/a blur by a movement of (8\.[5-9]|9\.\d) pixels along (5[89]|6[012])°/);
    expect(said).toContain('"task": "motion-blur"');
  });

  it('looks for the streak of a shaking camera, and warns of what it found', async () => {
    const { code, said } = await restore(at('turned.png'), '--kernel', 'auto', '--dry-run');
    expect(code).toBe(0);
    expect(said).toContain('a blur by a shaking camera, as wide as a movement of');
    expect(said).toContain('"doubt": "a blur of any shape is found roughly: compare the result');
  });

  it('leaves a photo without a blur that is certain, and says so', async () => {
    const { code, said } = await restore(at('sharp.png'), '--kernel', 'auto');
    expect(code).toBe(2);
    expect(said).toContain(
      'no blur is found in <root>/sharp.png with certainty, so it is left as it is',
    );
    expect(existsSync(at('sharp-restored.png'))).toBe(false);
  });

  it('is for no simulation', async () => {
    const auto = ['--kernel', 'auto', '--simulate', '--task', 'motion-blur'];
    const { code, said } = await restore(at('sharp.png'), ...auto);
    expect(code).toBe(2);
    expect(said).toContain('--kernel auto is for a damaged photo');
  });
});
