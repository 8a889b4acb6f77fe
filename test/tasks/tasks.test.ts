import * as tf from '@tensorflow/tfjs';
import { scheduleOf, taskName, tasks } from 'spgd/tasks';
import { expect, test } from 'vitest';
import { useTestBackend } from '../support/backend';
import { maxError } from '../support/close';

useTestBackend('wasm');

const size = { height: 31, width: 37 };
const image = () => tf.randomUniform<tf.Rank.R4>([1, 31, 37, 3], -1, 1, 'float32', 1);

test('the names of the released code lead to the tasks', () => {
  const released = {
    down_sampling: 'super-resolution',
    inpainting_rand: 'random-inpainting',
    inpainting: 'box-inpainting',
    gaussian_blur: 'gaussian-blur',
    motion_blur: 'motion-blur',
    phase_retrieval: 'phase-retrieval',
    hdr: 'high-dynamic-range',
    nonlinear_blur: 'nonlinear-blur',
  };
  for (const [name, expected] of Object.entries(released)) expect(taskName(name)).toBe(expected);
  for (const name of Object.keys(tasks)) expect(taskName(name)).toBe(name);
  expect(Object.values(tasks).map(({ name }) => name)).toEqual(Object.keys(tasks));
  expect(taskName('toString')).toBe('toString');
});

test('what is said of a damage replaces the default', () => {
  const { operator } = tasks['high-dynamic-range']!;
  const x = tf.fill<tf.Rank.R4>([1, 2, 2, 1], 0.25);
  expect(operator(size).forward(x).dataSync()[0]).toBe(0.5);
  expect(operator(size, { scale: 3 }).forward(x).dataSync()[0]).toBe(0.75);
  const small = tasks['super-resolution']!.operator(size, { scale: 2 });
  expect(small.forward(tf.zeros([1, 30, 36, 1])).shape).toEqual([1, 15, 18, 1]);
  const mask = tf.tensor4d([1, 0], [1, 1, 2, 1]);
  const kept = tasks['box-inpainting']!.operator(size, { mask }).forward(tf.ones([1, 1, 2, 1]));
  expect([...kept.dataSync()]).toEqual([1, 0]);
  const still = [
    [0, 0, 0],
    [0, 1, 0],
    [0, 0, 0],
  ];
  const unmoved = tasks['motion-blur']!.operator(size, { kernel: still });
  expect(maxError(unmoved.forward(image()), image())).toBeLessThan(1e-6);
  const blurred = (blurStd: number) => tasks['gaussian-blur']!.operator(size, { blurStd });
  expect(maxError(blurred(0.1).forward(image()), image())).toBeLessThan(1e-6);
  expect(maxError(blurred(1).forward(image()), image())).toBeGreaterThan(0.3);
});

test('a mask and a kernel are drawn by their seed alone', () => {
  for (const name of ['random-inpainting', 'motion-blur']) {
    const { operator, drawn } = tasks[name]!;
    const at = (seed?: number) => operator(size, { seed }).forward(image());
    expect(maxError(at(), at(0))).toBe(0);
    expect(maxError(at(1), at(2))).toBeGreaterThan(0.01);
    const [kept] = Object.values(drawn!(size, { seed: 3 }));
    expect(maxError(kept!, Object.values(drawn!(size, { seed: 3 }))[0]!)).toBe(0);
  }
});

test('the noise levels for a JPEG follow its table, and its picture is what decoders show', () => {
  const { operator, level, noise, picture } = tasks.jpeg!;
  expect(level!(operator(size))).toBe(1);
  const fine = operator(size, { jpeg: { quality: 40, subsampling: '4:4:4' } });
  expect(level!(fine)).toBeCloseTo(0.5, 1);
  expect(scheduleOf({ steps: 2, sigmaMax: 0.4, sigmaMin: 0.2 }, 0.5)).toEqual([
    0.2,
    expect.closeTo(0.1, 6),
    0,
  ]);
  expect(noise!().std).toBe(1);
  const x = tf.fill<tf.Rank.R4>([1, 16, 16, 3], 0.25);
  expect(maxError(picture!(fine.forward(x), fine), x)).toBeLessThan(1e-4);
});
