import type { Tensor3D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { cut, eachRow, takeRows } from '../../src/internal/cut';
import { testBackends, useTestBackend } from '../support/backend';

const numbers = (): Tensor3D => tf.reshape(tf.range(0, 2 * 5 * 4), [2, 5, 4]);

describe.each(testBackends)('cut on %s', (backend) => {
  useTestBackend(backend);

  it('is tf.slice of rows and columns', () => {
    const x = numbers();
    for (const [top, left, height, width] of [
      [0, 0, 5, 4],
      [1, 2, 3, 2],
      [4, 0, 1, 4],
    ] as const)
      expect([...cut(x, [top, left], [height, width]).dataSync()]).toEqual([
        ...tf.slice(x, [0, top, left], [2, height, width]).dataSync(),
      ]);
  });

  it('takes each row', () => {
    const rows = eachRow(numbers());
    expect(rows.map(({ shape }) => shape)).toEqual(Array(5).fill([2, 1, 4]));
    expect(tf.equal(tf.concat(rows, 1), numbers()).dataSync()).toEqual(new Uint8Array(40).fill(1));
  });
});

describe.skipIf(!testBackends.includes('wasm'))('takeRows', () => {
  useTestBackend('wasm');

  it('takes rows in steps, and zeros outside, owning one tensor', () => {
    const x = numbers();
    const start = tf.memory().numTensors;
    const taken = takeRows(x, { begin: -1, step: 3, count: 3 });
    expect(tf.memory().numTensors).toBe(start + 1);
    expect(taken.arraySync()).toEqual([
      [
        [0, 0, 0, 0],
        [8, 9, 10, 11],
        [0, 0, 0, 0],
      ],
      [
        [0, 0, 0, 0],
        [28, 29, 30, 31],
        [0, 0, 0, 0],
      ],
    ]);
  });
});
