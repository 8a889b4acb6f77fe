import * as tf from '@tensorflow/tfjs';
import { circularBlur, compose, identity, inpainting, motionBlur } from 'spgd';
import { describe, expect, it } from 'vitest';
import { useTestBackend } from '../support/backend';
import { maxError } from '../support/close';

useTestBackend('wasm');

const cross = [
  [0, 51, 0],
  [51, 51, 51],
  [0, 51, 0],
];
const scaled = cross.map((row) => row.map((value) => value / 255));
const image = () => tf.randomUniform<tf.Rank.R4>([2, 7, 9, 3], -1, 1, 'float32', 4);

describe.each([
  ['motionBlur', motionBlur],
  ['circularBlur', circularBlur],
])('the kernel of %s', (name, make) => {
  it('is rotated by 180 degrees in the picture of a point of light', () => {
    const streak = [
      [0, 0, 0, 0, 0],
      [0, 0, 0, 0, 0],
      [0, 0, 0.4, 0.3, 0.3],
      [0, 0, 0, 0, 0],
      [0, 0, 0, 0, 0],
    ];
    const point = tf.tensor4d(
      Array.from({ length: 99 }, (_, i) => (i === 49 ? 1 : 0)),
      [1, 9, 11, 1],
    );
    const seen = (kernel: number[][]) =>
      tf.slice(make({ kernel }).forward(point), [0, 4, 3, 0], [1, 1, 5, 1]).dataSync();
    expect(maxError(seen(streak), [0.3, 0.3, 0.4, 0, 0])).toBeLessThan(1e-6);
    const turned = [...streak].reverse().map((row) => [...row].reverse());
    expect(maxError(seen(turned), [0, 0, 0.4, 0.3, 0.3])).toBeLessThan(1e-6);
  });

  it('has sum 1 within 1 %, as arrays and as a tensor, or is normalized', async () => {
    expect(() => make({ kernel: cross })).toThrow(
      new RangeError(`${name}: kernel must be of sum 1, or normalize true, got a sum of 255`),
    );
    const tensor = tf.tensor2d(cross);
    await expect(make({ kernel: tensor }).check!()).rejects.toThrow('got a sum of 255');
    const by = (factor: number) => scaled.map((row) => row.map((value) => value * factor));
    expect(() => make({ kernel: by(1.011) })).toThrow('must be of sum 1');
    expect(() => make({ kernel: by(0.991) })).not.toThrow();

    const x = image();
    const expected = make({ kernel: scaled }).forward(x);
    for (const kernel of [cross, tensor]) {
      const operator = make({ kernel, normalize: true });
      await operator.check!();
      expect(maxError(operator.forward(x), expected)).toBeLessThan(1e-6);
    }
    const negative = cross.map((row) => row.map((value) => -value));
    expect(() => make({ kernel: negative, normalize: true })).toThrow(
      'kernel must be of a sum > 0, got a sum of -255',
    );
  });

  it('as a tensor is finite, of float32 and not disposed', async () => {
    const broken = tf.tensor2d([0, 0, 0, 0, Number.NaN, 0, 0, 0, 1], [3, 3]);
    await expect(make({ kernel: broken }).check!()).rejects.toThrow(
      `${name}: kernel must be of finite numbers, got NaN`,
    );
    expect(() => make({ kernel: tf.ones([3, 3], 'int32') })).toThrow(
      `${name}: kernel must be of float32, got int32`,
    );
    const kernel = tf.tensor2d(scaled);
    const operator = make({ kernel });
    kernel.dispose();
    const gone = `${name}: kernel must be a tensor that is not disposed, got a disposed tensor`;
    expect(() => operator.forward(image())).toThrow(gone);
    expect(() => make({ kernel })).toThrow(gone);
    await expect(operator.check!()).rejects.toThrow(gone);
  });
});

describe('compose', () => {
  it('checks all its operators, and hides what its outermost hides', async () => {
    const mask = tf.tensor4d([1, 0, 0.5, Number.NaN], [1, 2, 2, 1]);
    const masked = inpainting({ mask });
    const message = 'inpainting: mask must be finite, got NaN at [0, 1, 1, 0]';
    await expect(compose(masked, identity()).check!()).rejects.toThrow(message);
    await expect(compose(identity(), masked).check!()).rejects.toThrow(message);
    const y = tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]);
    const known = inpainting({ mask: tf.tensor4d([1, 0, 0.5, -1], [1, 2, 2, 1]) });
    expect([...compose(known, identity()).observed!(y).dataSync()]).toEqual([1, 0, 3, 4]);
    expect(compose(identity(), known).observed).toBeUndefined();
  });
});
