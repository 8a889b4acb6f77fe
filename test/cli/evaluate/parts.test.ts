import { mkdtemp, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { claim } from '../../../src/cli/evaluate/claim';
import {
  evaluateKeys,
  type evaluateOptions,
  flagOf,
  readConfig,
} from '../../../src/cli/evaluate/options';
import { inShard, seedsOf } from '../../../src/cli/evaluate/plan';
import { momentsStd } from '../../../src/cli/evaluate/summary';

const examples: Record<keyof typeof evaluateOptions, unknown> = {
  photos: 'photos',
  start: 2,
  end: 7,
  size: '32x48',
  task: ['super-resolution', 'high-dynamic-range'],
  sampler: 'spgd',
  model: 'https://example.org/model.json',
  blurModel: 'models/blur',
  lpips: 'file://models/lpips/model.json',
  replacePooling: true,
  samples: 3,
  batch: 4,
  seed: -5,
  steps: 6,
  warmupSteps: 0,
  learningRate: 1e-3,
  settings: { 'high-dynamic-range': { steps: 3, similarity: 'image' } },
  trajectory: true,
  backend: 'cpu',
  gpu: [0, 2],
  workers: 2,
  shard: '1/2',
  queue: 'redis://localhost:6379',
  queueWait: 5,
  name: 'a',
  out: 'b',
};

test.each(evaluateKeys)('%s is the same as a flag and as a key of a config file', (key) => {
  const value = examples[key];
  const flag = flagOf(key);
  const typed = Array.isArray(value) ? value.join(',') : value;
  const text = typeof typed === 'object' ? JSON.stringify(typed) : String(typed);
  const args = typeof value === 'boolean' ? [flag.long!] : [flag.long!, text];
  const command = new Command().addOption(flag).exitOverride();
  expect(command.parse(args, { from: 'user' }).opts()).toEqual({ [key]: value });
  expect(readConfig(JSON.stringify({ [key]: value }), 'c.json')).toEqual({ [key]: value });
});

test('a claim is held by one, freed by its end, and taken over from the dead and the silent', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'spgd-claim-'));
  const path = join(folder, 'a.json');
  const release = await claim(path);
  expect(await claim(path)).toBeUndefined();
  await release!();
  expect(await readdir(folder)).toEqual([]);

  // No process has this number: it is above the largest that Linux gives.
  await writeFile(path, JSON.stringify({ host: hostname(), pid: 2 ** 22 + 1 }));
  const ours = { host: hostname(), pid: process.pid };
  const holder = async () => JSON.parse(await readFile(path, 'utf8'));
  await claim(path);
  expect(await holder()).toEqual(ours);
  await writeFile(path, JSON.stringify({ host: 'elsewhere', pid: 1 }));
  expect(await claim(path)).toBeUndefined();
  const longAgo = new Date(Date.now() - 11 * 60_000);
  await utimes(path, longAgo, longAgo);
  await claim(path);
  expect(await holder()).toEqual(ours);
});

test('of many claims at once one succeeds', async () => {
  const path = join(await mkdtemp(join(tmpdir(), 'spgd-claim-')), 'a.json');
  const claims = await Promise.all(Array.from({ length: 20 }, () => claim(path)));
  expect(claims.filter(Boolean)).toHaveLength(1);
});

test('shards are disjoint and together everything', () => {
  const all = Array.from({ length: 10 }, (_, i) => i);
  const parts = [1, 2, 3].flatMap((k) => inShard(all, `${k}/3`));
  expect(parts.sort((a, b) => a - b)).toEqual(all);
  expect(inShard(all)).toEqual(all);
});

test('runs of a photo share its measurement and have seeds of their own', () => {
  const [first, second] = [seedsOf(7, 3, 0), seedsOf(7, 3, 1)];
  expect(second.measurement).toBe(first.measurement);
  expect(second.sample).not.toBe(first.sample);
});

test('the deviation is that of a sample, and none for one number', () => {
  // statistics.stdev([1, 2, 4])
  expect(momentsStd([1, 2, 4])).toBeCloseTo(1.5275252316519468, 12);
  expect(momentsStd([3])).toBe(0);
});
