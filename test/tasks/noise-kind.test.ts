import { noiseKind, removalLevel } from 'spgd/tasks';
import { expect, test } from 'vitest';

test.each([
  ['white', { std: 0.1, sharedStd: 0.11, correlated: false }, 0.1],
  ['shared', { std: 0.1, sharedStd: 0.16, correlated: false }, 0.16],
  ['correlated', { std: 0.1, sharedStd: 0.16, correlated: true }, 0.17],
  ['white', { std: 0.01, sharedStd: 0.011, correlated: true }, 0.01],
] as const)('%s noise of %o is removed at its level', (kind, noise, level) => {
  expect(noiseKind(noise)).toBe(kind);
  expect(removalLevel(noise)).toBeCloseTo(level, 10);
});
