import { diagnose, estimateBlur, type GrayImage } from 'spgd/tasks';
import { describe, expect, it } from 'vitest';
import { normalNumber, uniformGenerator } from '../../src/internal/random';

/** The integral of the normal density, to 1e-7 (Abramowitz and Stegun 7.1.26). */
function normalIntegral(x: number): number {
  const t = 1 / (1 + (0.3275911 * Math.abs(x)) / Math.SQRT2);
  const poly = [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592];
  const tail = poly.reduce((sum, c) => (sum + c) * t, 0) * Math.exp((-x * x) / 2);
  return x < 0 ? tail / 2 : 1 - tail / 2;
}

/** Stripes 90 pixels wide, up and down: the closed form of steps that a Gaussian blurs. */
const stripes = (at: number, std: number, length: number): number => {
  let value = -0.25;
  for (let k = 0, edge = 45; edge < length; k++, edge += 90)
    value += (k % 2 ? -0.5 : 0.5) * normalIntegral((at - edge) / std);
  return value;
};

/** Stripes down and across, blurred by different widths, and noise. */
function image(
  down: number,
  across: number,
  noiseStd = 0,
  [height, width] = [310, 370],
): GrayImage {
  const uniform = uniformGenerator('measure', 4);
  const values = Float32Array.from({ length: height! * width! }, (_, i) => {
    const [y, x] = [Math.floor(i / width!), i % width!];
    return (
      stripes(y, down, height!) + stripes(x, across, width!) + noiseStd * normalNumber(uniform)
    );
  });
  return { values, height: height!, width: width! };
}

describe('estimateBlur', () => {
  it.each([0.8, 1.2, 2, 3])('finds the width of edges blurred by %d pixels', (std) => {
    const found = estimateBlur([image(std, std)], 0)!;
    expect(found.std / std).toBeGreaterThan(0.9);
    expect(found.std / std).toBeLessThan(1.1);
    expect(found.isBlurred).toBe(std > 1);
    expect(found.direction).toBeUndefined();
  });

  it('finds it under noise', () => {
    const found = estimateBlur([image(2, 2, 0.05)], 0.05)!;
    expect(found.std).toBeGreaterThan(1.55);
    expect(found.std).toBeLessThan(2.3);
  });

  it('tells along which direction edges are wider', () => {
    expect(estimateBlur([image(0.7, 3)], 0)!.direction).toBe(0);
    expect(estimateBlur([image(3, 0.7)], 0)!.direction).toBe(90);
  });

  it('says nothing of a photo without edges', () => {
    const flat = { values: new Float32Array(64 * 70).fill(0.3), height: 64, width: 70 };
    expect(estimateBlur([flat], 0)).toBeUndefined();
  });
});

describe('diagnose', () => {
  it('finds noise, blur, clipped tones and colour together', () => {
    const { values, height, width } = image(2, 2, 0.05);
    const colour = Float32Array.from({ length: 3 * values.length }, (_, i) =>
      Math.min(1, values[Math.floor(i / 3)]! + (i % 3 === 0 ? 0.7 : 0)),
    );
    const { noise, blur, clipped, isGray } = diagnose(colour, [height, width, 3]);
    expect(noise!.std).toBeGreaterThan(0.0425);
    expect(noise!.std).toBeLessThan(0.0575);
    expect(blur!.isBlurred).toBe(true);
    const bright = Array.from(values).filter((value) => value >= 0.3).length / values.length;
    expect(bright).toBeGreaterThan(0.05);
    expect(clipped.bright).toBeCloseTo(bright, 2);
    expect(clipped.dark).toBe(0);
    expect(isGray).toBe(false);
  });

  it('knows a grey photo, and looks at nothing that is missing', () => {
    const { values, height, width } = image(1, 1);
    const missing = new Uint8Array(height * width).fill(1);
    expect(diagnose(values, [height, width, 1], missing)).not.toHaveProperty('blur');
    expect(diagnose(values, [height, width, 1]).isGray).toBe(true);
  });
});
