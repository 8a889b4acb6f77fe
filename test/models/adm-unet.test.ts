import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { convertCheckpoint } from 'spgd';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testBackends, useTestBackend } from '../support/backend';
import { maxError, normError, relativeError } from '../support/close';
import { hasShared, sharedBytes, sharedFixture, sharedJson, sharedNote } from '../support/fixtures';
import { fixtureModel } from '../support/model';
import { loadNetwork, type OwnNetwork, runPlainGraph } from './graph/load-network';

const report = (what: string, errors: unknown) => {
  if (process.env.SPGD_REPORT) console.log(`${what} ${tf.getBackend()} ${JSON.stringify(errors)}`);
};

describe.skipIf(!hasShared)(`the U-Net of the reference numbers${sharedNote}`, () => {
  describe.each(testBackends)('on %s', (backend) => {
    useTestBackend(backend);
    const io = sharedFixture('unet-io');
    let network: OwnNetwork;
    let x: Tensor4D;
    let t: Tensor1D;
    let cotangent: Tensor4D;
    beforeAll(async () => {
      network = await loadNetwork(await fixtureModel());
      x = io.tensor('x');
      t = io.tensor('t');
      cotangent = io.tensor('cotangent');
    });
    afterAll(() => {
      network.dispose();
      tf.dispose([x, t, cotangent]);
    });

    it('has the output and the vector-Jacobian product of PyTorch', () => {
      const { output, gradient } = network.vjp(x, t, () => cotangent);
      const errors = {
        output: maxError(output, io.values('y')),
        apply: maxError(
          tf.tidy(() => network(x, t)),
          io.values('y'),
        ),
        vjp: relativeError(gradient, io.values('vjp_x')),
      };
      report('unet-io', errors);
      expect(errors.output).toBeLessThan(1e-4);
      expect(errors.apply).toBeLessThan(1e-4);
      expect(errors.vjp).toBeLessThan(1e-3);
      tf.dispose([output, gradient]);
    });

    it('reads the pickled checkpoint to the same weights as the safetensors', async () => {
      const config = sharedJson<Record<string, unknown>>('unet-config.json');
      const pickled = await convertCheckpoint(new Uint8Array(sharedBytes('unet.pt')), { config });
      expect(pickled.weightData).toEqual((await fixtureModel()).weightData);
    });

    it('gives that output as a plain graph model too', async () => {
      const plain = await runPlainGraph(await fixtureModel(), { x, t });
      expect(maxError(plain, io.values('y'))).toBeLessThan(1e-4);
    });

    it('has the gradient that the tape finds in the plain graph', async () => {
      const model = await tf.loadGraphModel(tf.io.fromMemory(await fixtureModel()));
      const taped = tf.grad((at) => model.execute({ x: at, t }) as Tensor)(x, cotangent);
      const { output, gradient } = network.vjp(x, t, () => cotangent);
      expect(relativeError(gradient, taped)).toBeLessThan(1e-4);
      tf.dispose([taped, output, gradient]);
      model.dispose();
    });

    it('runs at another size as the graph that was written for it', async () => {
      const wide = tf.randomUniform<tf.Rank.R4>([2, 16, 24, 3], -1, 1, 'float32', 5);
      const plain = await runPlainGraph(await fixtureModel([16, 24]), { x: wide, t });
      expect(
        maxError(
          tf.tidy(() => network(wide, t)),
          plain,
        ),
      ).toBeLessThan(1e-4);
      wide.dispose();
    });

    it('has one and the same gradient on the tape, taken apart, and at every memory budget', async () => {
      const artifacts = await fixtureModel();
      const taped = tf.grad((at) => network(at as Tensor4D, t))(x, cotangent);
      const peaks: number[] = [];
      for (const memoryBudget of [0, 2e6, Infinity]) {
        const budgeted = await loadNetwork(artifacts, { memoryBudget });
        const run = () => budgeted.vjp(x, t, () => cotangent);
        tf.dispose(run());
        const before = tf.memory().numBytes;
        const { peakBytes } = await tf.profile(() => {
          const { output, gradient } = run();
          expect(maxError(gradient, taped)).toBe(0);
          tf.dispose([output, gradient]);
          return tf.scalar(0);
        });
        peaks.push((peakBytes - before) / 1e6);
        budgeted.dispose();
      }
      report('peak MB at budgets 0, 2 MB, all', peaks);
      const [least, middle, most] = peaks as [number, number, number];
      expect(least).toBeLessThan(middle);
      expect(middle).toBeLessThan(most);
      expect(least).toBeLessThan(0.6 * most);
      taped.dispose();
    });

    it('gives each item of a batch what it gives it alone', () => {
      const together = network.vjp(x, t, () => cotangent);
      tf.tidy(() => {
        for (const k of [0, 1]) {
          const [at, time, dy] = [x, t, cotangent].map((all) => tf.gather(all, [k]));
          const alone = network.vjp(at as Tensor4D, time as Tensor1D, () => dy as Tensor4D);
          const { output, gradient } = together;
          expect(maxError(alone.output, tf.gather(output, [k]))).toBeLessThan(1e-5);
          expect(relativeError(alone.gradient, tf.gather(gradient, [k]))).toBeLessThan(1e-5);
        }
      });
      tf.dispose([together.output, together.gradient]);
    });

    it('leaves its results and nothing else, and nothing once it is disposed', async () => {
      const start = tf.memory().numTensors;
      const own = await loadNetwork(await fixtureModel(), { memoryBudget: 2e6 });
      const calls = [
        () => own.vjp(x, t, () => cotangent),
        () => own.vjp(x, t, (output) => tf.sub(output, cotangent)),
        () => [own(x, t)],
        () => [tf.grad((at) => own(at as Tensor4D, t))(x, cotangent)],
      ];
      tf.dispose(calls[0]!()); // the first gradient makes the flipped filters
      const loaded = tf.memory().numTensors;
      for (const call of calls) tf.dispose(call());
      expect(tf.memory().numTensors).toBe(loaded);
      const fails = () => {
        throw new Error('no cotangent');
      };
      expect(() => own.vjp(x, t, fails)).toThrow('no cotangent');
      expect(tf.memory().numTensors).toBe(loaded);
      own.dispose();
      own.dispose();
      expect(tf.memory().numTensors).toBe(start);
    });

    it('takes half the bytes as float16, and gives nearly the same', async () => {
      const options = { config: sharedJson<Record<string, unknown>>('unet-config.json') };
      const checkpoint = new Uint8Array(sharedBytes('unet.safetensors'));
      const half = await convertCheckpoint(checkpoint, { ...options, dtype: 'float16' });
      const bytes = ({ weightData }: tf.io.ModelArtifacts) =>
        (weightData as ArrayBuffer[]).reduce((sum, { byteLength }) => sum + byteLength, 0);
      expect(bytes(half) / bytes(await fixtureModel())).toBeLessThan(0.51);
      const plain = await runPlainGraph(half, { x, t });
      const own = await loadNetwork(half);
      const { output, gradient } = own.vjp(x, t, () => cotangent);
      const errors = {
        output: normError(output, io.values('y')),
        vjp: normError(gradient, io.values('vjp_x')),
      };
      report('float16', errors);
      expect(errors.output).toBeLessThan(1e-2);
      expect(errors.vjp).toBeLessThan(1e-2);
      expect(maxError(output, plain)).toBeLessThan(1e-4);
      tf.dispose([output, gradient]);
      own.dispose();
    });
  });
});
