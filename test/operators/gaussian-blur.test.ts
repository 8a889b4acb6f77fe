import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { gaussianBlur } from '../../src/operators/gaussian-blur';
import { useTestBackend } from '../support/backend';
import { maxError } from '../support/close';
import { errorNaming } from '../support/error-naming';
import { operatorLaws, referenceLaw } from './operator-laws';

/** The kernel, read off as the answer to a centred impulse. */
function impulseResponse(kernelSize: number, std: number): Float32Array {
  return tf.tidy(() => {
    const size = 2 * kernelSize - 1;
    const at = kernelSize - 1;
    const impulse = tf.buffer<tf.Rank.R4>([1, size, size, 1]);
    impulse.set(1, 0, at, at, 0);
    const y = gaussianBlur({ kernelSize, std }).forward(impulse.toTensor());
    const from = at - (kernelSize >> 1);
    return tf.slice(y, [0, from, from, 0], [1, kernelSize, kernelSize, 1]).dataSync<'float32'>();
  });
}

describe('gaussianBlur', () => {
  useTestBackend('cpu');

  operatorLaws(
    { make: () => ({ operator: gaussianBlur({ kernelSize: 15, std: 1.2 }) }) },
    { linear: true, spectrum: true },
  );

  referenceLaw('operator-gaussian-blur', ({ metadata }) => ({
    operator: gaussianBlur({
      kernelSize: Number(metadata.kernel_size),
      std: Number(metadata.intensity),
    }),
  }));

  it('has a kernel of sum 1, also where scipy folds the Gaussian at its border', () => {
    // scipy 1.17.1: ndimage.gaussian_filter1d([0., 0, 1, 0, 0], 1.5), radius 6 on 5 pixels.
    const taps = [0.145335523, 0.2206541518, 0.2680206503, 0.2206541518, 0.145335523];
    const kernel = taps.flatMap((a) => taps.map((b) => a * b));
    const response = impulseResponse(5, 1.5);
    expect(maxError(response, kernel)).toBeLessThan(1e-6);
    expect(response.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
  });

  it('blurs the smallest image that reflection allows, and refuses the next smaller', () => {
    tf.tidy(() => {
      const operator = gaussianBlur({ kernelSize: 61, std: 3 });
      expect(operator.forward(tf.ones([1, 31, 40, 1])).shape).toEqual([1, 31, 40, 1]);
      const small = tf.ones<tf.Rank.R4>([1, 30, 40, 1]);
      expect(() => operator.forward(small)).toThrow(
        errorNaming(
          'RangeError',
          'gaussianBlur: x.shape',
          '[batch, height, width, channels]',
          '> kernelSize / 2 = 30.5',
          'got [1, 30, 40, 1]',
        ),
      );
    });
  });

  it('names the option, the rule and the value that broke it', () => {
    expect(() => gaussianBlur({ kernelSize: 60, std: 3 })).toThrow(
      errorNaming('RangeError', 'gaussianBlur: kernelSize', 'odd', 'integer', '>= 3', 'got 60'),
    );
    expect(() => gaussianBlur({ kernelSize: 61, std: 0 })).toThrow(
      errorNaming('RangeError', 'gaussianBlur: std', '> 0', 'got 0'),
    );
  });
});
