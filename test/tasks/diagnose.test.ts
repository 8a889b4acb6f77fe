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

describe('diagnose', () => {
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
