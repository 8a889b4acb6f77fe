import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import {
  consistency,
  ddrm,
  defocusBlur,
  diffpir,
  edmSchedule,
  gaussianBlur,
  gaussianNoise,
  gaussianPrior,
  inpainting,
  type LinearOperator,
  motionBlur,
  sample,
  superResolution,
} from 'spgd';
import { openBorder } from 'spgd/tasks';
import { describe, expect, it } from 'vitest';
import { operatorLaws } from '../operators/operator-laws';
import { useTestBackend } from '../support/backend';
import { normError } from '../support/close';

useTestBackend('wasm');

const std = 0.01;
const blurs = {
  gaussian: () => gaussianBlur({ kernelSize: 17, std: 2 }),
  disc: () => defocusBlur({ radius: 2.5 }),
  streak: () =>
    motionBlur({
      kernel: [[0.2, 0.2, 0.2, 0.2, 0.2]].flatMap((row) => Array(5).fill(row.map((v) => v / 5))),
    }),
};

/** A smooth random scene of 71 x 77. */
const scene = () =>
  tf.tidy(() => {
    const noise = tf.randomNormal<tf.Rank.R4>([1, 71, 77, 3], 0, 2, 'float32', 3);
    return tf.clipByValue<Tensor4D>(
      gaussianBlur({ kernelSize: 13, std: 1.5 }).forward(noise),
      -1,
      1,
    );
  });

const middle = (image: Tensor4D) => tf.slice(image, [0, 20, 20, 0], [1, 31, 37, 3]);

describe.each(Object.entries(blurs))('a part of a scene, blurred: %s', (_, make) => {
  operatorLaws(
    {
      shapes: [[2, 31, 37, 1]],
      make(shape) {
        const measurement = tf.zeros<tf.Rank.R4>([...shape]);
        const { operator, dispose } = openBorder({ operator: make(), measurement }, std, diffpir());
        measurement.dispose();
        return { operator, borrowed: { dispose } as Tensor };
      },
    },
    { linear: true },
  );

  it('comes back better than from a mirrored border, and explains the photo', async () => {
    const start = tf.memory().numTensors;
    const blur = make();
    const all = scene();
    const clean = middle(all);
    const measurement = tf.tidy(() => {
      const noise = tf.randomNormal<tf.Rank.R4>([1, 31, 37, 3], 0, std, 'float32', 5);
      return tf.add<Tensor4D>(middle(blur.forward(all)), noise);
    });
    const denoiser = gaussianPrior({ std: 0.5 });
    const options = { schedule: edmSchedule({ steps: 6, sigmaMax: 1, sigmaMin: 0.02 }) };
    const sampler = diffpir({ startFrom: 'measurement', zeta: 1, temperature: 0.4 });
    const noise = gaussianNoise(std);
    const open = openBorder({ operator: blur, measurement }, std, sampler);
    const problem = { ...open, operator: open.operator as typeof blur, noise, denoiser };
    const opened = await sample(sampler, problem, options);
    const mirrored = await sample(sampler, { ...problem, operator: blur, measurement }, options);
    const [fit] = await consistency(problem, opened.sample);
    expect(fit!.explains).toBe(true);
    expect(normError(opened.sample, clean)).toBeLessThan(0.7 * normError(mirrored.sample, clean));
    open.dispose();
    tf.dispose([all, clean, measurement, opened.sample, mirrored.sample]);
    expect(tf.memory().numTensors).toBe(start);
  });
});

it('trusts the middle wholly, and the border as little as its blur comes from outside', () => {
  tf.tidy(() => {
    const operator = gaussianBlur({ kernelSize: 17, std: 2 });
    const measurement = tf.ones<tf.Rank.R4>([1, 31, 37, 1]);
    const open = openBorder({ operator, measurement }, std, diffpir());
    const weights = open.measurement.arraySync()[0]!;
    expect(weights[15]![18]![0]).toBeCloseTo(1, 6);
    // At the edge, more than 40 % of the blur comes from outside: 0.25 of it against 0.01.
    const inside = weights[15]![0]![0]!;
    expect(inside).toBeGreaterThan(0.09);
    expect(inside).toBeLessThan(0.105);
    expect(weights[0]![0]![0]).toBeLessThan(inside);
  });
});

it('leaves alone what is no blur, and what a sampler by singular values needs', () => {
  tf.tidy(() => {
    const measurement = tf.ones<tf.Rank.R4>([1, 32, 40, 3]);
    const blur = gaussianBlur({ kernelSize: 9, std: 1 });
    const mask = tf.ones<tf.Rank.R4>([1, 32, 40, 1]);
    const others: LinearOperator[] = [inpainting({ mask }), superResolution({ scale: 2 })];
    for (const operator of others)
      expect(openBorder({ operator, measurement }, std, diffpir()).operator).toBe(operator);
    expect(openBorder({ operator: blur, measurement }, std, ddrm()).operator).toBe(blur);
  });
});
