import {
  type Blur,
  blurKernel,
  doubtOf,
  estimateBlur,
  type GrayImage,
  lineKernel,
} from 'spgd/tasks';
import { describe, expect, it } from 'vitest';
import { normalNumber, uniformGenerator } from '../../src/internal/random';
import { blurred, deadLeaves } from './dead-leaves';

const leaves = deadLeaves(140, 150, 3);
const noisy = (std: number) => {
  const uniform = uniformGenerator('measure', 4);
  return () => std * normalNumber(uniform);
};

/** An image under a blur, with noise of 0.006. */
const under = (blur: Blur, image = leaves): GrayImage =>
  blurred(image, blurKernel(blur), noisy(0.006));

const found = (image: GrayImage) => estimateBlur([image], 0.006)!;

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

describe('estimateBlur', () => {
  it.each([
    { kind: 'gaussian', size: 1.5 },
    { kind: 'gaussian', size: 3 },
    { kind: 'disc', size: 3 },
    { kind: 'disc', size: 5.5 },
    { kind: 'line', size: 8, angle: 30 },
    { kind: 'line', size: 15, angle: 100 },
  ] as const)('finds kind and size of $kind $size', (blur: Blur) => {
    const { blur: likeliest, isBlurred, confidence } = found(under(blur));
    expect(isBlurred).toBe(true);
    expect(confidence).toBeGreaterThan(0.5);
    expect(likeliest!.kind).toBe(blur.kind);
    expect(likeliest!.size / blur.size).toBeGreaterThan(0.85);
    expect(likeliest!.size / blur.size).toBeLessThan(1.15);
    if (likeliest!.kind !== 'line' || blur.kind !== 'line') return;
    expect(Math.abs(likeliest!.angle - blur.angle)).toBeLessThan(4);
  });

  it('finds none where there is none, with noise and without texture', () => {
    const still = blurred(
      leaves,
      [
        [0, 0, 0],
        [0, 1, 0],
        [0, 0, 0],
      ],
      noisy(0.006),
    );
    expect(found(still).isBlurred).toBe(false);
    const flat = { ...leaves, values: new Float32Array(leaves.values.length) };
    expect(found(blurred(flat, [[1]], noisy(0.006))).isBlurred).toBe(false);
  });

  it('takes the width of the sharpest part of a photo', () => {
    const background = under({ kind: 'gaussian', size: 3 });
    const subject = blurred(deadLeaves(128, 128, 8), [[1]], noisy(0.006));
    expect(estimateBlur([background], 0.006)!.isBlurred).toBe(true);
    expect(estimateBlur([background, subject], 0.006)!.isBlurred).toBe(false);
  });

  it('turns a line with its photo', () => {
    const across = found(under({ kind: 'line', size: 9, angle: 0 })).blur!;
    const down = found(under({ kind: 'line', size: 9, angle: 90 })).blur!;
    const turn = (angle: number) => Math.min(angle, 180 - angle);
    expect(across.kind === 'line' && turn(across.angle)).toBeLessThan(4);
    expect(down.kind === 'line' && Math.abs(down.angle - 90)).toBeLessThan(4);
  });

  it('says nothing of parts smaller than 64 x 64', () => {
    expect(estimateBlur([{ ...leaves, height: 60, width: 70 }], 0.01)).toBeUndefined();
    expect(estimateBlur([], 0.01)).toBeUndefined();
  });
});

describe('doubtOf', () => {
  const estimate = { evidence: 40, isBlurred: true };
  const blur = { kind: 'gaussian', size: 2 } as const;

  it('warns of a blur with little confidence, and of every one of any shape', () => {
    expect(doubtOf({ ...estimate, blur, confidence: 0.9 })).toBeUndefined();
    expect(doubtOf({ ...estimate, blur, confidence: 0.84 })).toBe(
      'the blur is uncertain (confidence 84 %): compare the result with the photo',
    );
    const free = { kind: 'free', size: 9, kernel: [[1]] } as const;
    expect(doubtOf({ ...estimate, blur: free, confidence: 1 })).toContain('found roughly');
  });
});

describe('blurKernel', () => {
  it.each([
    { kind: 'gaussian', size: 1.3 },
    { kind: 'disc', size: 2.2 },
    { kind: 'line', size: 6.5, angle: 130 },
  ] as const)('has sum 1, an odd side, and is its own picture rotated by 180°: $kind', (blur) => {
    const kernel = blurKernel(blur);
    expect(kernel.length % 2).toBe(1);
    expect(sum(kernel.flat())).toBeCloseTo(1, 9);
    const turned = [...kernel.flat()].reverse();
    expect(Math.max(...kernel.flat().map((tap, i) => Math.abs(tap - turned[i]!)))).toBeLessThan(
      1e-9,
    );
  });

  it('of a line runs along its angle, anticlockwise from the rows', () => {
    const kernel = lineKernel(10, 30);
    const middle = kernel.length >> 1;
    const moment = (power: (y: number, x: number) => number) =>
      sum(kernel.flatMap((row, y) => row.map((tap, x) => tap * power(middle - y, x - middle))));
    const [xx, yy, xy] = [moment((_, x) => x * x), moment((y) => y * y), moment((y, x) => x * y)];
    expect((90 / Math.PI) * Math.atan2(2 * xy, xx - yy)).toBeCloseTo(30, 0);
    // The variance of a line, and of the bilinear weights that draw it.
    expect(xx + yy).toBeGreaterThan(10 ** 2 / 12);
    expect(xx + yy).toBeLessThan(10 ** 2 / 12 + 0.5);
  });
});
