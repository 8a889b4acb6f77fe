import * as tf from '@tensorflow/tfjs';
import { motionKernel } from 'spgd';
import { useBackend } from 'spgd/node';
import { blurKernel, diagnose, diagnoseBlur, spreadOf } from 'spgd/tasks';
import { beforeAll, describe, expect, it } from 'vitest';
import { normalNumber, uniformGenerator } from '../../src/internal/random';
import { freeBlur, responseOf } from '../../src/tasks/diagnosis/blur';
import { kernelStep } from '../../src/tasks/diagnosis/kernel-step';
import { sharpEdges } from '../../src/tasks/diagnosis/sharp-edges';
import { trimKernel } from '../../src/tasks/diagnosis/trim-kernel';
import { blurred, deadLeaves } from './dead-leaves';

beforeAll(() => useBackend('wasm').then(() => undefined));

/** A hook, as a hand draws it that turns. */
const hook = [
  [0, 0, 0, 0, 0, 0, 0],
  [0, 0.1, 0, 0, 0, 0, 0],
  [0, 0.15, 0, 0, 0, 0, 0],
  [0, 0.1, 0.15, 0.05, 0, 0, 0],
  [0, 0, 0, 0.1, 0.2, 0.1, 0],
  [0, 0, 0, 0, 0, 0.05, 0],
  [0, 0, 0, 0, 0, 0, 0],
];

const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);

const farthest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Math.max(...Array.from(a, (value, at) => Math.abs(value - b[at]!)));

describe('kernelStep', () => {
  it('finds the kernel between a sharp image and a blurred one, whatever its shape', () => {
    const sharp = deadLeaves(48, 48, 3);
    const start = new Float64Array(49).fill(1 / 49);
    const found = kernelStep(sharp.values, blurred(sharp, hook).values, 48, start, 1e-6);
    expect(farthest(found, hook.flat())).toBeLessThan(0.01);
    expect(Math.min(...found)).toBe(0);
  });

  it('finds no blur between an image and itself', () => {
    const { values } = deadLeaves(48, 48, 4);
    const found = kernelStep(values, values, 48, new Float64Array(25).fill(1 / 25), 1e-6);
    expect(found[12]).toBeCloseTo(1, 2);
  });
});

describe('trimKernel', () => {
  it('drops weak taps and specks, centres the rest, and has sum 1', () => {
    const taps = new Float64Array(81);
    for (const [at, tap] of [
      [10, 2],
      [11, 4],
      [12, 2],
      [40, 0.1],
      [80, 0.5],
    ] as const)
      taps[at] = tap;
    const trimmed = trimKernel(taps);
    expect(sum(trimmed)).toBeCloseTo(1, 12);
    expect([...trimmed.slice(39, 42)]).toEqual([0.25, 0.5, 0.25]);
  });
});

describe('sharpEdges', () => {
  it('gives back an image of few edges, from what a kernel made of it', async () => {
    const side = 40;
    const squares = Float32Array.from({ length: side * side }, (_, at) => {
      const [row, column] = [Math.floor(at / side), at % side];
      const isInside = row > 9 && row < 28 && column > 12 && column < 31;
      return isInside ? 0.8 : 0.2;
    });
    const sharp = { values: squares, height: side, width: side };
    const soft = blurred(sharp, hook);
    const before = tf.memory().numTensors;
    const y = tf.tensor2d(Float32Array.from(soft.values), [side, side]);
    const x = sharpEdges(y, hook, 1e-3);
    const rms = (a: ArrayLike<number>) =>
      Math.sqrt(sum(squares.map((value, at) => (value - a[at]!) ** 2)) / squares.length);
    expect(rms(await x.data())).toBeLessThan(0.2 * rms(soft.values));
    tf.dispose([x, y]);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('freeBlur', () => {
  it('has the response and the spread of a simple blur with its kernel', () => {
    const line = { kind: 'line', size: 9, angle: 30 } as const;
    const free = freeBlur(blurKernel(line));
    expect(spreadOf(free)).toBeCloseTo(spreadOf(line), 0);
    for (const [x, y] of [
      [0.02, 0.01],
      [0.05, -0.03],
      [-0.04, 0.02],
    ] as const)
      expect(responseOf(free)(x, y)).toBeCloseTo(responseOf(line)(x, y), 1);
  });

  it('turns its response with its kernel', () => {
    const [down, across] = [
      freeBlur(hook),
      freeBlur(hook.map((_, i) => hook.map((row) => row[i]!))),
    ];
    // The transpose mirrors at the diagonal that falls to the right: (x, y) becomes (-y, -x).
    expect(responseOf(across)(0.1, 0.03)).toBeCloseTo(responseOf(down)(-0.03, -0.1), 12);
  });
});

describe('diagnoseBlur', () => {
  const uniform = uniformGenerator('measure', 4);
  const noise = () => 0.006 * normalNumber(uniform);
  const leaves = deadLeaves(112, 112, 3);
  const shape = [112, 112, 1] as const;

  it('finds the kernel of a shaking camera, which no simple blur explains', async () => {
    const kernel = motionKernel({ kernelSize: 15, seed: 2 });
    const y = blurred(leaves, kernel, noise);
    const { blur: simple } = diagnose(y.values, shape);
    const { blur: found } = await diagnoseBlur(y.values, shape);
    expect(found!.evidence).toBeGreaterThan(simple!.evidence + 10);
    expect(found!.isBlurred).toBe(true);
    const taps = blurKernel(found!.blur!);
    expect(sum(taps.flat())).toBeCloseTo(1, 9);
    // The largest correlation of the two kernels over all shifts.
    const norm = (rows: readonly (readonly number[])[]) =>
      Math.sqrt(sum(rows.flat().map((v) => v ** 2)));
    const alike = (dy: number, dx: number) =>
      sum(kernel.flatMap((row, v) => row.map((tap, u) => tap * (taps[v + dy]?.[u + dx] ?? 0))));
    const shifts = Array.from({ length: 21 }, (_, i) => i - 6);
    const most = Math.max(...shifts.flatMap((dy) => shifts.map((dx) => alike(dy, dx))));
    expect(most / norm(kernel) / norm(taps)).toBeGreaterThan(0.8);
  });

  it('keeps a simple blur that explains the photo, and a sharp photo', async () => {
    for (const kernel of [blurKernel({ kind: 'disc', size: 3.2 }), [[1]]]) {
      const { values } = blurred(leaves, kernel, noise);
      expect((await diagnoseBlur(values, shape)).blur).toEqual(diagnose(values, shape).blur);
    }
  });
});
