import { blurKernel, diagnose } from 'spgd/tasks';
import { describe, expect, it } from 'vitest';
import { normalNumber, uniformGenerator } from '../../src/internal/random';
import { blurred, deadLeaves } from './dead-leaves';

/** Dead leaves, blurred by a Gaussian of 2 pixels, with noise. */
function image(noiseStd: number) {
  const uniform = uniformGenerator('measure', 4);
  const kernel = blurKernel({ kind: 'gaussian', size: 2 });
  return blurred(deadLeaves(130, 170, 6), kernel, () => noiseStd * normalNumber(uniform));
}

/**
 * A texture whose waves are weaker, the shorter they are, and more so along a direction: waves of random phases with
 * the power `f^(-2.3 - 1.2 cos 2(angle - 45°))`.
 */
function directed(side: number, seed: number): Float32Array {
  const uniform = uniformGenerator('measure', seed);
  const values = new Float32Array(side * side);
  for (let wave = 0; wave < 900; wave++) {
    const [f, angle] = [0.02 * 25 ** uniform(), Math.PI * uniform()];
    const slope = -2.3 - 1.2 * Math.cos(2 * (angle - Math.PI / 4));
    // Waves are drawn evenly in log f, and so with the density f^-2 in the plane.
    const amplitude = 0.012 * (10 * f) ** (slope / 2 + 1);
    const [x, y, phase] = [f * Math.cos(angle), f * Math.sin(angle), 2 * Math.PI * uniform()];
    for (let at = 0; at < values.length; at++)
      values[at]! +=
        amplitude * Math.cos(2 * Math.PI * (x * (at % side) - y * Math.floor(at / side)) + phase);
  }
  return values;
}

/** Noise of which each pixel is a mean of its neighbours, with standard deviation 1. */
function grainOf(height: number, width: number): Float32Array {
  const uniform = uniformGenerator('measure', 9);
  const white = Float32Array.from({ length: height * width }, () => normalNumber(uniform));
  const along = (noise: Float32Array, step: number) =>
    noise.map((value, at) => {
      const around = (noise[at - step] ?? 0) + (noise[at + step] ?? 0);
      return (value / 2 + around / 4) / Math.sqrt(3 / 8); // the sum of the squares of the shares
    });
  return along(along(white, 1), width);
}

describe('diagnose', () => {
  it('does not take a texture of one direction under noise for a line', () => {
    const uniform = uniformGenerator('measure', 5);
    const texture = directed(256, 2);
    const noisy = texture.map((value) => value + 0.04 * normalNumber(uniform));
    expect(diagnose(noisy, [256, 256, 1]).blur!.isBlurred).toBe(false);
  });

  it('finds a line longer than its windows tell', () => {
    const uniform = uniformGenerator('measure', 5);
    const kernel = blurKernel({ kind: 'line', size: 36, angle: 20 });
    const { values } = blurred(
      deadLeaves(300, 320, 3),
      kernel,
      () => 0.006 * normalNumber(uniform),
    );
    const { blur, isBlurred } = diagnose(values, [300, 320, 1]).blur!;
    expect(isBlurred).toBe(true);
    expect(blur!.kind === 'line' && Math.abs(blur!.angle - 20)).toBeLessThan(4);
    expect(blur!.size / 36).toBeGreaterThan(0.85);
    expect(blur!.size / 36).toBeLessThan(1.15);
  });

  it.each([
    ['none in a sharp photo', undefined],
    ['the Gaussian of a blurred one', { kind: 'gaussian', size: 2.5 } as const],
  ])('finds %s under grain that is larger than a pixel', (_, damage) => {
    const grain = grainOf(260, 270);
    const leaves = deadLeaves(260, 270, 3);
    const photo = damage ? blurred(leaves, blurKernel(damage)) : leaves;
    const noisy = grain.map((value, at) => photo.values[at]! + 0.05 * value);
    const { noise, blur } = diagnose(noisy, [260, 270, 1]);
    expect(noise!.correlated).toBe(true);
    if (!damage) return expect(blur!.isBlurred && blur!.blur!.size > 0.65).toBe(false);
    expect(blur!.isBlurred).toBe(true);
    expect(blur!.blur!.kind).toBe('gaussian');
    expect(blur!.blur!.size / damage.size).toBeGreaterThan(0.8);
    expect(blur!.blur!.size / damage.size).toBeLessThan(1.25);
  });

  it('finds noise, blur, clipped tones and colour together', () => {
    const { values, height, width } = image(0.02);
    const colour = Float32Array.from({ length: 3 * values.length }, (_, i) =>
      Math.min(1, values[Math.floor(i / 3)]! + (i % 3 === 0 ? 0.5 : 0)),
    );
    const { noise, blur, clipped, isGray } = diagnose(colour, [height, width, 3]);
    expect(noise!.std).toBeGreaterThan(0.017);
    expect(noise!.std).toBeLessThan(0.023);
    expect(blur!.isBlurred).toBe(true);
    const bright = Array.from(values).filter((value) => value >= 0.5).length / values.length;
    expect(bright).toBeGreaterThan(0.05);
    expect(clipped.bright).toBeCloseTo(bright, 2);
    expect(clipped.dark).toBe(0);
    expect(isGray).toBe(false);
  });

  it('knows a grey photo, and looks at nothing that is missing', () => {
    const { values, height, width } = image(0);
    const missing = new Uint8Array(height * width).fill(1);
    expect(diagnose(values, [height, width, 1], missing)).not.toHaveProperty('blur');
    expect(diagnose(values, [height, width, 1]).isGray).toBe(true);
  });
});
