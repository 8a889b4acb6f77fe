import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { conjugateGradient, normalSolvers } from '../../src/operators/conjugate-gradient';
import { useTestBackend } from '../support/backend';
import { maxError, relativeError } from '../support/close';
import { errorNaming } from '../support/error-naming';

/** A diagonal system whose closed form is a division. */
const diagonal = () => tf.reshape(tf.range(1, 13), [1, 3, 4, 1]) as Tensor4D;
const system = (x: Tensor4D) => tf.tidy(() => tf.mul(x, diagonal()) as Tensor4D);

describe('conjugateGradient', () => {
  useTestBackend('cpu');

  it('solves in as many iterations as there are eigenvalues, leaking nothing', () => {
    const start = tf.memory().numTensors;
    tf.tidy(() => {
      const b = tf.randomUniform<tf.Rank.R4>([2, 3, 4, 1], -1, 1, 'float32', 3);
      expect(relativeError(conjugateGradient(system, b, 12), tf.div(b, diagonal()))).toBeLessThan(
        1e-4,
      );
    });
    expect(tf.memory().numTensors).toBe(start);
  });

  it('gives 0 for 0, and stays where it is once an item is solved', () => {
    tf.tidy(() => {
      const item = tf.randomUniform<tf.Rank.R4>([1, 3, 4, 1], -1, 1, 'float32', 4);
      const b = tf.concat([tf.zerosLike(item), item, tf.mul(item, 1e3)]) as Tensor4D;
      const x = conjugateGradient(system, b, 200);
      expect(relativeError(x, tf.div(b, diagonal()))).toBeLessThan(1e-5);
      expect(maxError(tf.slice(x, 0, 1), new Float32Array(12))).toBe(0);
    });
  });

  it('gives each item of a batch what it gives it alone, long before it is solved', () => {
    tf.tidy(() => {
      const b = tf.randomUniform<tf.Rank.R4>([2, 3, 4, 1], -1, 1, 'float32', 5);
      const alone = tf.split<Tensor4D>(b, 2).map((item) => conjugateGradient(system, item, 3));
      expect(maxError(conjugateGradient(system, b, 3), tf.concat(alone))).toBeLessThan(1e-6);
    });
  });
});

describe('normalSolvers', () => {
  useTestBackend('cpu');

  /** A diagonal operator of norm 1, counting its products. */
  function counting() {
    const scale = (x: Tensor4D) => tf.mul<Tensor4D>(x, tf.sqrt(tf.div(diagonal(), 12)));
    const count = { products: 0 };
    const forward = (x: Tensor4D) => {
      count.products++;
      return scale(x);
    };
    return { solvers: normalSolvers({ forward, adjoint: scale }, 500, 1), count };
  }

  const right = () => tf.randomUniform<tf.Rank.R4>([1, 3, 4, 1], -1, 1, 'float32', 6);

  it('needs fewer products the larger the damping, where the norm is known', () => {
    const { solvers, count } = counting();
    const b = right();
    const counts = [0.01, 0.1, 1, 10].map((damping) => {
      count.products = 0;
      const exact = tf.tidy(() => tf.div<Tensor4D>(b, tf.add(tf.div(diagonal(), 12), damping)));
      const solved = solvers.solve(b, damping);
      expect(relativeError(solved, exact)).toBeLessThan(1e-4);
      tf.dispose([exact, solved]);
      return count.products;
    });
    b.dispose();
    expect(counts).toEqual([...counts].sort((a, b) => b - a));
    expect(counts[3]).toBeLessThan(8);
  });

  it('makes no more effort than it is asked for', () => {
    const { solvers, count } = counting();
    const b = right();
    const exact = tf.div<Tensor4D>(b, tf.add(tf.div(diagonal(), 12), 0.1));
    const products = ([1e-4, 1e-2, 0.2] as const).map((error) => {
      count.products = 0;
      expect(relativeError(solvers.solve(b, 0.1, { error }), exact)).toBeLessThan(error);
      return count.products;
    });
    expect(products).toEqual([...new Set(products)].sort((a, b) => b - a));
    count.products = 0;
    solvers.solve(b, 0.1, { iterations: 3 });
    expect(count.products).toBe(3);
    const wrong = () => solvers.solve(b, 0.1, { error: 0 });
    expect(wrong).toThrow(errorNaming('RangeError', 'solve: error', '0'));
    const none = () => solvers.solve(b, 0.1, { iterations: 0 });
    expect(none).toThrow(errorNaming('RangeError', 'solve: iterations', '0'));
  });
});
