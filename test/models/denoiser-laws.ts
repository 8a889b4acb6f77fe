import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { Denoiser, Network } from 'spgd';
import { describe, expect, it } from 'vitest';
import { testBackends, useTestBackend } from '../support/backend';
import { maxError, relativeError } from '../support/close';

/** How a denoiser is put to the laws. */
export interface DenoiserLawCase {
  /** Makes it; the laws dispose it. */
  make(): Denoiser;
  /**
   * Noise levels to try.
   * @default [0.02, 0.7, 30]
   */
  sigmas?: readonly number[];
}

const shape: [number, number, number, number] = [3, 5, 7, 3];

/**
 * A network with curvature, a time and a learned variance (6 channels), and its own gradient:
 * `F = [sin(2 x + a), x^2]`, `a = t / 500`.
 */
export function syntheticNetwork(): Network {
  const parts = (x: Tensor4D, t: tf.Tensor1D) => {
    const angle = tf.add(tf.mul(x, 2), tf.reshape(tf.div(t, 500), [-1, 1, 1, 1])) as Tensor4D;
    return { angle, output: tf.concat([tf.sin(angle), tf.square(x)], 3) as Tensor4D };
  };
  const apply = (x: Tensor4D, t: tf.Tensor1D) => tf.tidy(() => parts(x, t).output);
  const vjp: Network['vjp'] = (x, t, cotangent) =>
    tf.tidy(() => {
      const { angle, output } = parts(x, t);
      const [first, second] = tf.split(cotangent(output), 2, 3) as [Tensor4D, Tensor4D];
      const slope = tf.mul(tf.mul(tf.cos(angle), 2), first);
      const gradient = tf.add(slope, tf.mul(tf.mul(x, 2), second)) as Tensor4D;
      return { output, gradient };
    });
  return Object.assign(apply, { vjp });
}

const image = (seed: number, sigma = 0): Tensor4D =>
  tf.randomNormal(shape, 0.1, Math.hypot(0.5, sigma), 'float32', seed);

/** Runs with a denoiser, and sees that nothing is left of it. */
function withDenoiser({ make }: DenoiserLawCase, run: (denoiser: Denoiser) => void): void {
  const start = tf.memory().numTensors;
  const denoiser = make();
  tf.tidy(() => run(denoiser));
  denoiser.dispose?.();
  expect(tf.memory().numTensors).toBe(start);
}

function lawsAt(law: DenoiserLawCase, sigma: number): void {
  it('has a vjp that equals the tape', () => {
    withDenoiser(law, (denoiser) => {
      const x = image(1, sigma);
      const cotangent = image(2);
      const taped = tf.grad((at) => denoiser.denoise(at as Tensor4D, sigma))(x, cotangent);
      const { denoised, gradient } = denoiser.vjp!(x, sigma, () => cotangent);
      expect(maxError(denoised, denoiser.denoise(x, sigma))).toBeLessThan(1e-6);
      expect(relativeError(gradient, taped)).toBeLessThan(1e-4);
    });
  });

  it('hands the denoised image to the cotangent, once', () => {
    withDenoiser(law, (denoiser) => {
      const seen: Float32Array[] = [];
      const { denoised } = denoiser.vjp!(image(1, sigma), sigma, (value) => {
        seen.push(value.dataSync<'float32'>());
        return tf.sub(value, 0.3);
      });
      expect(seen).toHaveLength(1);
      expect(maxError(seen[0]!, denoised)).toBe(0);
    });
  });

  it('gives each item of a batch what it gives it alone', () => {
    withDenoiser(law, (denoiser) => {
      const x = image(1, sigma);
      const cotangent = image(2);
      const together = denoiser.vjp!(x, sigma, () => cotangent);
      for (let k = 0; k < shape[0]; k++) {
        const dy = tf.gather(cotangent, [k]);
        const alone = denoiser.vjp!(tf.gather(x, [k]), sigma, () => dy);
        const { denoised, gradient } = together;
        expect(maxError(alone.denoised, tf.gather(denoised, [k]))).toBeLessThan(1e-5);
        expect(relativeError(alone.gradient, tf.gather(gradient, [k]))).toBeLessThan(1e-5);
      }
    });
  });

  it('leaves its results and nothing else, also when the cotangent throws', () => {
    const denoiser = law.make();
    const x = image(1, sigma);
    tf.dispose({ ...denoiser.vjp!(x, sigma, (value) => tf.clone(value)) });
    const start = tf.memory().numTensors;
    const left = (call: () => tf.TensorContainer): number => {
      const result = call();
      const count = tf.memory().numTensors - start;
      tf.dispose(result);
      return count;
    };
    expect(left(() => denoiser.denoise(x, sigma))).toBe(1);
    expect(left(() => ({ ...denoiser.vjp!(x, sigma, (value) => tf.sub(value, 1)) }))).toBe(2);
    const fails = () => {
      tf.zeros(shape);
      throw new Error('no cotangent');
    };
    expect(() => denoiser.vjp!(x, sigma, fails)).toThrow('no cotangent');
    expect(tf.memory().numTensors).toBe(start);
    x.dispose();
    denoiser.dispose?.();
  });
}

/** The laws of every denoiser, on cpu and on wasm. */
export function denoiserLaws(name: string, law: DenoiserLawCase): void {
  describe.each(testBackends)(`laws of ${name} on %s`, (backend) => {
    useTestBackend(backend);
    describe.each(law.sigmas ?? [0.02, 0.7, 30])('sigma %d', (sigma) => lawsAt(law, sigma));
  });
}
