import { readFileSync } from 'node:fs';
import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { type BlurNetwork, loadBlurNetwork } from 'spgd';
import { convertBlurNetwork } from 'spgd/convert';
import { describe, expect, it } from 'vitest';
import { writeSafetensors } from '../../src/models/checkpoint/safetensors';
import type { KernelWizardConfig } from '../../src/models/graph/kernel-codes';
import { kernelWizard } from '../../src/models/networks/kernel-wizard';
import { gaussianNoise } from '../../src/operators/noise/gaussian-noise';
import { nonlinearBlur } from '../../src/operators/nonlinear-blur';
import { nonlinearKernel } from '../../src/operators/nonlinear-kernel';
import { filledStateDict, uniform } from '../models/graph/filled-weights';
import { useTestBackend } from '../support/backend';
import { maxError, normError, relativeError } from '../support/close';
import { errorNaming } from '../support/error-naming';
import { type Fixture, readSafetensors } from '../support/fixtures';
import { againstReferences, type Reference, released } from '../support/references';
import { operatorLaws } from './operator-laws';

/** A network of a few numbers, for images that divide by 8: smooth, and different for each code. */
const stub = (inChannels: number): BlurNetwork =>
  Object.assign(
    (x: Tensor4D, kernel: Tensor4D) =>
      tf.tidy(() => {
        const code = tf.image.resizeBilinear(kernel, [x.shape[1], x.shape[2]]);
        const filter = tf.fill<tf.Rank.R4>([3, 3, inChannels, inChannels], 1 / (9 * inChannels));
        const near = tf.conv2d(x, filter, 1, 'same');
        return tf.tanh(tf.add(near, tf.mul(tf.mul(code, 0.1), x))) as Tensor4D;
      }),
    { multipleOf: 8, kernelChannels: 1, inChannels },
  );

const image = (shape: [number, number, number, number], key = 'x'): Tensor4D =>
  tf.tensor4d(
    uniform(
      key,
      shape.reduce((a, b) => a * b),
    ),
    shape,
  );

const report = (what: string, errors: unknown) => {
  if (process.env.SPGD_REPORT) console.log(`${what} ${tf.getBackend()} ${JSON.stringify(errors)}`);
};

describe('nonlinearBlur', () => {
  useTestBackend('cpu');

  operatorLaws(
    {
      make: ([, , , channels]) => ({
        operator: nonlinearBlur({ network: stub(channels), seed: 3 }),
      }),
    },
    { linear: false },
  );

  it('sees an image whose sides do not divide as one that goes on by reflection', () => {
    tf.tidy(() => {
      const seen: { shape: number[]; values: Float32Array }[] = [];
      const network = Object.assign(
        (x: Tensor4D) => {
          seen.push({ shape: x.shape, values: x.dataSync<'float32'>() });
          return x;
        },
        { multipleOf: 4, kernelChannels: 1, inChannels: 1 },
      );
      const x = tf.tensor4d(
        [-0.8, -0.4, 0, 0.4, 0.8].flatMap((v) => [v, v, v, v]),
        [1, 5, 4, 1],
      );
      const y = nonlinearBlur({ network }).forward(x);
      expect(maxError(y, x)).toBeLessThan(1e-6);
      expect(seen[0]!.shape).toEqual([1, 8, 4, 1]);
      const rows = [0.3, 0.1, 0.3, 0.5, 0.7, 0.9, 0.7, 0.5]; // one above, two below
      const expected = rows.flatMap((v) => [v, v, v, v]);
      expect(maxError(seen[0]!.values, expected)).toBeLessThan(1e-6);
    });
  });

  it('draws the code of its seed: another for another seed, one for the whole batch', () => {
    tf.tidy(() => {
      const network = stub(3);
      const x = image([1, 16, 24, 3]);
      const both = tf.concat([x, x]);
      const drawn = nonlinearBlur({ network, seed: 5 }).forward(both);
      const kernel = nonlinearKernel(network, { height: 16, width: 24, seed: 5 });
      const given = nonlinearBlur({ network, kernel }).forward(x);
      const other = nonlinearBlur({ network, seed: 6 }).forward(x);
      expect(kernel.shape).toEqual([1, 2, 3, 1]);
      expect(maxError(drawn, tf.concat([given, given]))).toBe(0);
      expect(maxError(given, other)).toBeGreaterThan(0.01);
    });
  });

  it('draws codes of standard deviation 1.2', () => {
    tf.tidy(() => {
      const network = Object.assign(stub(3), { kernelChannels: 512 });
      const { mean, variance } = tf.moments(nonlinearKernel(network, { height: 33, width: 8 }));
      expect(Math.abs(mean.dataSync<'float32'>()[0]!)).toBeLessThan(0.1);
      expect(Math.abs(Math.sqrt(variance.dataSync<'float32'>()[0]!) - 1.2)).toBeLessThan(0.05);
    });
  });

  it('names the option, the rule and the value that broke it', () => {
    tf.tidy(() => {
      const network = stub(3);
      const operator = nonlinearBlur({ network });
      expect(() => operator.forward(image([1, 7, 24, 3]))).toThrow(
        errorNaming(
          'RangeError',
          'nonlinearBlur: x.shape',
          '[batch, height, width, 3]',
          '>= 8',
          'got [1, 7, 24, 3]',
        ),
      );
      expect(() => operator.forward(image([1, 16, 24, 1]))).toThrow(
        errorNaming(
          'RangeError',
          'nonlinearBlur: x.shape',
          '[batch, height, width, 3]',
          '>= 8',
          'got [1, 16, 24, 1]',
        ),
      );
      const kernel = tf.zeros<tf.Rank.R4>([1, 2, 2, 1]);
      const fixed = nonlinearBlur({ network, kernel });
      expect(() => fixed.forward(image([1, 16, 24, 3]))).toThrow(
        errorNaming(
          'RangeError',
          'nonlinearBlur: kernel.shape',
          '[1, 2, 3, 1]',
          'got [1, 2, 2, 1]',
        ),
      );
      expect(() => nonlinearBlur({ network, seed: 0.5 })).toThrow(
        errorNaming('RangeError', 'nonlinearBlur: seed', 'integer', 'got 0.5'),
      );
      const none = undefined as unknown as BlurNetwork;
      expect(() => nonlinearBlur({ network: none })).toThrow(
        errorNaming('TypeError', 'nonlinearBlur: network', 'of loadBlurNetwork', 'got undefined'),
      );
      expect(() => nonlinearKernel(network, { height: 0, width: 8 })).toThrow(
        errorNaming('RangeError', 'nonlinearKernel: height', 'integer', '>= 1', 'got 0'),
      );
    });
  });
});

const config: KernelWizardConfig = { input_nc: 3, nf: 4, front_RBs: 1, back_RBs: 2 };

const filled = (options: Parameters<typeof convertBlurNetwork>[1] = {}) =>
  convertBlurNetwork(writeSafetensors(filledStateDict(kernelWizard(config).weights)), options);

/** Every seventh row and column, as test/fixtures/metrics/make.py keeps them. */
const sevenths = (x: Tensor4D): Tensor4D => {
  const pick = (size: number) => tf.range(0, size, 7, 'int32');
  return tf.gather(tf.gather(x, pick(x.shape[1]), 1), pick(x.shape[2]), 2);
};

/** What the numbers are of, and which pixels of it they hold. */
async function recordedBlur(reference: Reference, fixture: Fixture) {
  if (reference === released)
    return {
      artifacts: await filled(),
      x: image([1, 128, 256, 3]),
      measurement: image([1, 128, 256, 3], 'measurement'),
      kernel: image([1, 1, 2, 32], 'code'),
      kept: sevenths,
    };
  return {
    artifacts: await convertBlurNetwork(reference.bytes('bkse.safetensors')),
    x: fixture.tensor<tf.Rank.R4>('x') as Tensor4D,
    measurement: fixture.tensor<tf.Rank.R4>('measurement') as Tensor4D,
    kernel: tf.tidy(() =>
      tf.transpose(fixture.tensor<tf.Rank.R4>('kernel_nchw') as Tensor4D, [0, 2, 3, 1]),
    ),
    kept: (image: Tensor4D) => image,
  };
}

/** `adaptKernel` of the released code, with the scaling and the clamp of its operator. */
againstReferences('nonlinearBlur against operator-nonlinear-blur', (reference) => {
  useTestBackend('wasm');

  it('gives the released measurement and gradient', async () => {
    const fixture = reference.fixture('operator-nonlinear-blur');
    const { artifacts, x, measurement, kernel, kept } = await recordedBlur(reference, fixture);
    const network = await loadBlurNetwork(tf.io.fromMemory(artifacts));
    tf.tidy(() => {
      const operator = nonlinearBlur({ network, kernel });
      const distance = (at: tf.Tensor) =>
        gaussianNoise(0).residual(operator.forward(at as Tensor4D), measurement);
      const errors = {
        output: maxError(kept(operator.forward(x)), fixture.values('y')),
        distance: relativeError(distance(x), fixture.values('error')),
        gradient: relativeError(kept(tf.grad(distance)(x) as Tensor4D), fixture.values('grad')),
      };
      report('operator-nonlinear-blur', errors);
      expect(errors.output).toBeLessThan(1e-4);
      expect(errors.distance).toBeLessThan(1e-4);
      expect(errors.gradient).toBeLessThan(1e-3);
    });
    tf.dispose([x, measurement, kernel]);
    network.dispose();
  });
});

describe('nonlinearBlur on KernelWizard', () => {
  useTestBackend('wasm');

  it('has the output and the gradient of PyTorch, as a plain graph too', async () => {
    const url = new URL('../fixtures/metrics/networks.safetensors', import.meta.url);
    const reference = readSafetensors(new Uint8Array(readFileSync(url)));
    const artifacts = await filled({ size: [128, 256] });
    const network = await loadBlurNetwork(tf.io.fromMemory(artifacts), { memoryBudget: 0 });
    const plain = await tf.loadGraphModel(tf.io.fromMemory(artifacts));
    tf.tidy(() => {
      const kernel = image([1, 1, 2, 32], 'code');
      const x = image([2, 128, 256, 3]);
      const operator = nonlinearBlur({ network, kernel });
      const blur = (at: tf.Tensor) => operator.forward(at as Tensor4D);
      const gradient = tf.grad(blur)(x, image([2, 128, 256, 3], 'cotangent'));
      const given = { x: tf.div(tf.add(x, 1), 2), kernel: tf.tile(kernel, [2, 1, 1, 1]) };
      const unclipped = plain.execute(given) as Tensor4D;
      const raw = tf.clipByValue(tf.sub<Tensor4D>(tf.mul(unclipped, 2), 1), -1, 1);
      const errors = {
        output: maxError(sevenths(operator.forward(x)), reference.values('blur/y')),
        plain: maxError(sevenths(raw), reference.values('blur/y')),
        // In the norm: where rounding turns a ReLU over, single pixels differ by more.
        gradient: normError(sevenths(gradient as Tensor4D), reference.values('blur/gradient')),
      };
      report('blur', errors);
      expect(errors.output).toBeLessThan(1e-4);
      expect(errors.plain).toBeLessThan(1e-4);
      expect(errors.gradient).toBeLessThan(1e-3);
    });
    plain.dispose();
    network.dispose();
  });

  it('reads the settings from the checkpoint, and leaves nothing once disposed', async () => {
    const start = tf.memory().numTensors;
    const artifacts = await filled();
    expect(artifacts.userDefinedMetadata).toMatchObject({
      spgd: { architecture: 'bkse', config, size: [256, 256] },
    });
    const network = await loadBlurNetwork(tf.io.fromMemory(artifacts));
    expect({ ...network }).toMatchObject({ multipleOf: 128, kernelChannels: 32, inChannels: 3 });
    network.dispose();
    expect(tf.memory().numTensors).toBe(start);
  });

  it('leaves out the half that extracts kernels, and names what is missing or unknown', async () => {
    const tensors: Record<string, { shape: readonly number[]; data: Float32Array }> =
      filledStateDict(kernelWizard(config).weights);
    const one = { shape: [1], data: Float32Array.of(1) };
    const convert = (change: object) =>
      convertBlurNetwork(writeSafetensors({ ...tensors, ...change }), { name: 'GOPRO_wVAE.pth' });
    const spare = await convert({ 'kernel_extractor.model.1.bias': one });
    expect(spare.weightData).toEqual((await filled()).weightData);
    await expect(convert({ 'adapter.x': one })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: convertBlurNetwork: GOPRO_wVAE.pth: it is no checkpoint of BKSE's KernelWizard: it has unknown adapter.x]`,
    );
    await expect(convert({ 'adapter.model.down.0.weight': one })).rejects.toThrow(
      errorNaming(
        'RangeError',
        "convertBlurNetwork: GOPRO_wVAE.pth: it is no checkpoint of BKSE's KernelWizard: adapter.model.down.0.weight",
        '[4, 4, 4, 4]',
        'got [1]',
      ),
    );
    const strange = writeSafetensors({ 'conv.weight': one });
    await expect(convertBlurNetwork(strange)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: convertBlurNetwork: checkpoint: it is no checkpoint of BKSE's KernelWizard: it lacks feature_extractor.0.weight]`,
    );
    await expect(filled({ size: [128, 200] })).rejects.toThrow(
      errorNaming(
        'RangeError',
        'convertBlurNetwork: size',
        'height and width that divide by 128',
        'got [128, 200]',
      ),
    );
  });
});
