import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { Denoiser, Linearized, Network } from 'spgd';
import { describe, expect, it } from 'vitest';
import { linearized } from '../../src/models/linearized';
import { testBackends, useTestBackend } from '../support/backend';
import { bothPasses } from '../support/both-passes';
import { maxError, relativeError } from '../support/close';

/** A denoiser to test by the laws. */
export interface DenoiserLawCase {
  /** Makes it; the laws dispose it. */
  make(): Denoiser;
  /**
   * Noise levels to try.
   * @default [0.02, 0.7, 30]
   */
  sigmas?: readonly number[];
  /**
   * Channels of its images.
   * @default 3
   */
  channels?: number;
}

type Shape = [number, number, number, number];

const shapeOf = ({ channels = 3 }: DenoiserLawCase): Shape => [3, 5, 7, channels];

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
  const linearize: Network['linearize'] = (x, t) =>
    linearized((keep) => {
      const at = keep(tf.clone(x));
      const { angle, output } = parts(x, t);
      keep(angle);
      const backward = (cotangent: Tensor4D): Tensor4D => {
        const [first, second] = tf.split(cotangent, 2, 3) as [Tensor4D, Tensor4D];
        const slope = tf.mul(tf.mul(tf.cos(angle), 2), first);
        return tf.add(slope, tf.mul(tf.mul(at, 2), second));
      };
      return { output, backward };
    });
  return Object.assign(apply, { linearize });
}

const imageOf = (shape: Shape, seed: number, sigma = 0): Tensor4D =>
  tf.randomNormal(shape, 0.1, Math.hypot(0.5, sigma), 'float32', seed);

/** Computes with a denoiser without leaking one tensor, and reads what it gives: WebGPU reads later. */
async function computed(
  { make }: DenoiserLawCase,
  compute: (denoiser: Denoiser) => readonly tf.Tensor[],
): Promise<Float32Array[]> {
  const start = tf.memory().numTensors;
  const denoiser = make();
  const found = tf.tidy(() => compute(denoiser) as tf.Tensor[]);
  const values = await Promise.all(found.map((tensor) => tensor.data<'float32'>()));
  tf.dispose(found);
  denoiser.dispose?.();
  expect(tf.memory().numTensors).toBe(start);
  return values;
}

function lawsAt(law: DenoiserLawCase, sigma: number): void {
  const shape = shapeOf(law);
  const imageAt = (seed: number, level?: number) => imageOf(shape, seed, level);

  it('has a linearize that equals the tape', async () => {
    const [denoised, gradient, image, taped] = await computed(law, (denoiser) => {
      const x = imageAt(1, sigma);
      const cotangent = imageAt(2);
      const both = bothPasses(denoiser, x, sigma, cotangent);
      const slope = tf.grad((at) => denoiser.denoise(at as Tensor4D, sigma))(x, cotangent);
      return [both.denoised, both.gradient, denoiser.denoise(x, sigma), slope];
    });
    expect(maxError(denoised!, image!)).toBeLessThan(1e-6);
    expect(relativeError(gradient!, taped!)).toBeLessThan(1e-4);
  });

  it('keeps what its backward pass needs past the tidy it was made in, and the life of x', async () => {
    const [gradient, later] = await computed(law, (denoiser) => {
      const cotangent = imageAt(2);
      const { gradient } = bothPasses(denoiser, imageAt(1, sigma), sigma, cotangent);
      let at: Linearized | undefined;
      tf.tidy(() => {
        at = denoiser.linearize!(imageAt(1, sigma), sigma);
      });
      expect(at!.denoised.isDisposed).toBe(true);
      imageAt(5); // Takes the memory of what was freed.
      return [gradient, at!.backward(cotangent)];
    });
    expect(maxError(later!, gradient!)).toBe(0);
  });

  it('gives each item of a batch what it gives it alone', async () => {
    const [denoised, gradient, ...alone] = await computed(law, (denoiser) => {
      const x = imageAt(1, sigma);
      const cotangent = imageAt(2);
      const together = bothPasses(denoiser, x, sigma, cotangent);
      const items = Array.from({ length: shape[0] }, (_, k) => {
        const [at, dy] = [x, cotangent].map((all) => tf.gather(all, [k])) as [Tensor4D, Tensor4D];
        return bothPasses(denoiser, at, sigma, dy);
      });
      return [together, ...items].flatMap((both) => [both.denoised, both.gradient]);
    });
    const size = denoised!.length / shape[0];
    for (let k = 0; k < shape[0]; k++) {
      const part = (all: Float32Array) => all.subarray(k * size, (k + 1) * size);
      expect(maxError(alone[2 * k]!, part(denoised!))).toBeLessThan(1e-5);
      expect(relativeError(alone[2 * k + 1]!, part(gradient!))).toBeLessThan(1e-5);
    }
  });

  it('runs backward once, and not once it is disposed', async () => {
    await computed(law, (denoiser) => {
      const x = imageAt(1, sigma);
      const [used, unused] = [0, 1].map(() => denoiser.linearize!(x, sigma)) as [
        Linearized,
        Linearized,
      ];
      used.backward(x);
      unused.dispose();
      for (const at of [used, unused])
        expect(() => at.backward(x)).toThrow('backward: ran before, or was disposed');
      return [];
    });
  });

  it('leaves its results and nothing else, whether or not backward runs, or throws', () => {
    const denoiser = law.make();
    const x = imageAt(1, sigma);
    const NaNs = tf.fill<tf.Rank.R4>(shape, Number.NaN);
    const wrong = tf.zeros<tf.Rank.R4>([3, 2, 2, 2]);
    tf.dispose({ ...bothPasses(denoiser, x, sigma, x) }); // The first gradient prepares weights.
    const start = tf.memory().numTensors;
    const left = (call: () => tf.TensorContainer): number => {
      const result = call();
      const count = tf.memory().numTensors - start;
      tf.dispose(result);
      return count;
    };
    const linearize = () => denoiser.linearize!(x, sigma);
    const disposed = () => {
      const at = linearize();
      at.dispose();
      at.dispose();
      return at.denoised;
    };
    const disposedAfter = () => {
      const at = linearize();
      const gradient = at.backward(x);
      at.dispose();
      return [at.denoised, gradient];
    };
    const failed = () => {
      const at = linearize();
      expect(() => at.backward(wrong)).toThrow('cotangent must be of the shape');
      return at.denoised;
    };
    expect(left(() => denoiser.denoise(x, sigma))).toBe(1);
    expect(left(() => ({ ...bothPasses(denoiser, x, sigma, x) }))).toBe(2);
    expect(left(disposed)).toBe(1);
    expect(left(disposedAfter)).toBe(2);
    expect(left(failed)).toBe(1);
    expect(left(() => ({ ...bothPasses(denoiser, NaNs, sigma, NaNs) }))).toBe(2);
    expect(tf.memory().numTensors).toBe(start);
    tf.dispose([x, NaNs, wrong]);
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
