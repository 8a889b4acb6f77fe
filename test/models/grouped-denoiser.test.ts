import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { type Denoiser, type LoadedDenoiser, loadDenoiser, vpDenoiser } from 'spgd';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { groupedDenoiser } from '../../src/models/grouped-denoiser';
import { startTestBackend } from '../support/backend';
import { bothPasses } from '../support/both-passes';
import { maxError } from '../support/close';
import { denoiserLaws, syntheticNetwork } from './denoiser-laws';
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

/** The same denoiser, and how often each of its passes ran. */
function watched(denoiser: Denoiser) {
  const calls = { denoise: 0, linearize: 0 };
  const same: Denoiser = {
    denoise: (x, sigma) => {
      calls.denoise++;
      return denoiser.denoise(x, sigma);
    },
    linearize: (x, sigma) => {
      calls.linearize++;
      return denoiser.linearize!(x, sigma);
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
      return { ...bothPasses(groupedDenoiser(denoiser, 2), x, 0.4, cotangent), calls };
    });
    expect(results.map(({ calls }) => calls)).toEqual([
      { denoise: 0, linearize: 4 },
      { denoise: 3, linearize: 4 },
    ]);
    const [once, twice] = results;
    expect(maxError(once!.denoised, twice!.denoised)).toBe(0);
    expect(maxError(once!.gradient, twice!.gradient)).toBe(0);
    const whole = bothPasses(own, x, 0.4, cotangent);
    expect(maxError(once!.denoised, whole.denoised)).toBeLessThan(1e-5);
    expect(maxError(once!.gradient, whole.gradient)).toBeLessThan(1e-4);
  });

  it('keeps no more than a share of the memory', () => {
    const x = image(12);
    const before = tf.memory().numBytes;
    const counts = [1e6, 3e6, 32e6].map((bytes) => {
      left(bytes);
      const { denoiser, calls } = watched(own);
      const at = groupedDenoiser(denoiser, 1).linearize!(x, 0.4);
      expect(tf.memory().numBytes - before).toBeLessThan(bytes / 2);
      at.dispose();
      at.denoised.dispose();
      return calls.denoise;
    });
    expect(counts[0]).toBeGreaterThan(counts[1]!);
    expect(counts[1]).toBeGreaterThan(counts[2]!);
    expect(tf.memory().numBytes).toBe(before);
  });

  it('has no limit of groups but the memory', () => {
    const { denoiser, calls } = watched(vpDenoiser(syntheticNetwork()));
    const x = image(150);
    const { gradient } = bothPasses(groupedDenoiser(denoiser, 1), x, 0.4, x);
    const whole = bothPasses(denoiser, x, 0.4, x);
    expect(maxError(gradient, whole.gradient)).toBeLessThan(1e-5);
    expect(calls).toEqual({ denoise: 0, linearize: 151 });
  });

  it('frees the groups before one that fails, in both passes', () => {
    const x = image(5);
    const small = tf.zeros<tf.Rank.R4>([2, 2, 2, 1]);
    for (const failing of [1, 3]) {
      let calls = 0;
      const denoiser: Denoiser = {
        ...own,
        linearize(group, sigma) {
          if (++calls === failing + 1) throw new Error('no memory');
          const at = own.linearize!(group, sigma);
          return calls < failing ? at : { ...at, backward: () => at.backward(small) };
        },
      };
      const before = tf.memory().numTensors;
      const gradient = () => bothPasses(groupedDenoiser(denoiser, 2), x, 0.4, x);
      expect(gradient).toThrow(failing === 1 ? 'no memory' : undefined);
      expect(tf.memory().numTensors).toBe(before);
    }
  });
});

denoiserLaws('groupedDenoiser', {
  make: () => groupedDenoiser(vpDenoiser(syntheticNetwork()), 2),
  sigmas: [0.7],
});
denoiserLaws('groupedDenoiser of a denoiser without linearize', {
  make: () => groupedDenoiser({ denoise: vpDenoiser(syntheticNetwork()).denoise }, 2),
  sigmas: [0.7],
});
