import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { type Denoiser, type LoadedDenoiser, loadDenoiser, vpDenoiser } from 'spgd';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { groupedDenoiser } from '../../src/models/grouped-denoiser';
import { startTestBackend } from '../support/backend';
import { maxError } from '../support/close';
import { syntheticNetwork } from './denoiser-laws';
import { filledModel } from './graph/filled-model';

let own: LoadedDenoiser;

beforeAll(async () => {
  await startTestBackend('wasm');
  own = await loadDenoiser(tf.io.fromMemory(await filledModel()));
});
afterEach(() => {
  vi.restoreAllMocks();
});
afterAll(() => own.dispose());

const image = (batch: number): Tensor4D => tf.randomNormal([batch, 8, 8, 3], 0, 0.5, 'float32', 4);

/** The same denoiser, and how often it was asked for what. */
function watched(denoiser: Denoiser) {
  const calls = { denoise: 0, vjp: 0 };
  const same: Denoiser = {
    denoise: (x, sigma) => {
      calls.denoise++;
      return denoiser.denoise(x, sigma);
    },
    vjp: (x, sigma, cotangent) => {
      calls.vjp++;
      return denoiser.vjp!(x, sigma, cotangent);
    },
  };
  return { denoiser: same, calls };
}

/** What the machine says that it has left when a gradient begins, in bytes. */
const left = (bytes: number) => vi.spyOn(process, 'availableMemory').mockReturnValueOnce(bytes);

describe('the gradient of a batch in groups', () => {
  it('runs forward once where memory allows, and twice where it does not, to the same bits', () => {
    const x = image(7);
    const cotangent = (value: Tensor4D) => tf.square(value);
    const results = [2 ** 33, 0].map((bytes) => {
      left(bytes);
      const { denoiser, calls } = watched(own);
      const { denoised, gradient } = groupedDenoiser(denoiser, 2).vjp!(x, 0.4, cotangent);
      return { denoised, gradient, calls };
    });
    expect(results.map(({ calls }) => calls)).toEqual([
      { denoise: 0, vjp: 4 },
      { denoise: 3, vjp: 4 },
    ]);
    const [once, twice] = results;
    expect(maxError(once!.denoised, twice!.denoised)).toBe(0);
    expect(maxError(once!.gradient, twice!.gradient)).toBe(0);
    const whole = own.vjp!(x, 0.4, cotangent);
    expect(maxError(once!.denoised, whole.denoised)).toBeLessThan(1e-5);
    expect(maxError(once!.gradient, whole.gradient)).toBeLessThan(1e-4);
  });

  it('keeps no more than a share of the memory', () => {
    const x = image(12);
    let kept = 0;
    const cotangent = (value: Tensor4D) => {
      kept = tf.memory().numBytes;
      return tf.clone(value);
    };
    const before = tf.memory().numBytes;
    const counts = [1e6, 3e6, 32e6].map((bytes) => {
      left(bytes);
      const { denoiser, calls } = watched(own);
      tf.dispose(groupedDenoiser(denoiser, 1).vjp!(x, 0.4, cotangent));
      expect(kept - before).toBeLessThan(bytes / 2);
      return calls.denoise;
    });
    expect(counts[0]).toBeGreaterThan(counts[1]!);
    expect(counts[1]).toBeGreaterThan(counts[2]!);
  });

  it('bears many groups', () => {
    const { denoiser, calls } = watched(vpDenoiser(syntheticNetwork()));
    const x = image(150);
    const { gradient } = groupedDenoiser(denoiser, 1).vjp!(x, 0.4, (value) => tf.clone(value));
    const whole = denoiser.vjp!(x, 0.4, (value) => tf.clone(value));
    expect(maxError(gradient, whole.gradient)).toBeLessThan(1e-5);
    expect(calls).toEqual({ denoise: 50, vjp: 151 });
  });

  it('leaves no tensor, also where the cotangent throws', () => {
    const x = image(5);
    const leave = () =>
      tf.dispose(groupedDenoiser(own, 2).vjp!(x, 0.4, (value) => tf.clone(value)));
    leave(); // The first gradient makes what is kept with the weights.
    const before = tf.memory().numTensors;
    leave();
    expect(tf.memory().numTensors).toBe(before);
    const fails = () =>
      groupedDenoiser(own, 2).vjp!(x, 0.4, () => {
        throw new Error('no cotangent');
      });
    expect(fails).toThrow('no cotangent');
    expect(tf.memory().numTensors).toBe(before);
  });
});
