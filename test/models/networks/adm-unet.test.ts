import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { convertCheckpoint } from 'spgd/convert';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testBackends, useTestBackend } from '../../support/backend';
import { networkPasses } from '../../support/both-passes';
import { maxError, normError, relativeError } from '../../support/close';
import type { Fixture } from '../../support/fixtures';
import { fixtureCheckpoint, fixtureModel } from '../../support/model';
import { againstReferences, shared } from '../../support/references';
import { loadNetwork, type OwnNetwork, plainLimit, runPlainGraph } from '../graph/load-network';

const report = (what: string, errors: unknown) => {
  if (process.env.SPGD_REPORT) console.log(`${what} ${tf.getBackend()} ${JSON.stringify(errors)}`);
};

againstReferences('the U-Net of the reference numbers', (reference) => {
  describe.each(testBackends)('on %s', (backend) => {
    useTestBackend(backend);
    let io: Fixture;
    let network: OwnNetwork;
    let x: Tensor4D;
    let t: Tensor1D;
    let cotangent: Tensor4D;
    beforeAll(async () => {
      io = reference.fixture('unet-io');
      network = await loadNetwork(await fixtureModel(reference));
      x = io.tensor('x');
      t = io.tensor('t');
      cotangent = io.tensor('cotangent');
    });
    afterAll(() => {
      network.dispose();
      tf.dispose([x, t, cotangent]);
    });

    it('has the output and the vector-Jacobian product of PyTorch', async () => {
      const { output, gradient } = networkPasses(network, x, t, cotangent);
      const errors = {
        output: maxError(await output.data(), io.values('y')),
        apply: maxError(await tf.tidy(() => network(x, t)).data(), io.values('y')),
        gradient: relativeError(await gradient.data(), io.values('vjp_x')),
      };
      report('unet-io', errors);
      expect(errors.output).toBeLessThan(1e-4);
      expect(errors.apply).toBeLessThan(1e-4);
      expect(errors.gradient).toBeLessThan(1e-3);
      tf.dispose([output, gradient]);
    });

    it('gives that output as a plain graph model too', async () => {
      const [, height, width] = x.shape;
      const plain = await runPlainGraph(await fixtureModel(reference, [height, width]), { x, t });
      expect(maxError(plain, io.values('y'))).toBeLessThan(plainLimit(1e-4));
    });

    it('runs at another size as the graph that was written for it', async () => {
      const wide = tf.randomUniform<tf.Rank.R4>([2, 12, 20, 3], -1, 1, 'float32', 5);
      const plain = await runPlainGraph(await fixtureModel(reference, [12, 20]), { x: wide, t });
      const output = tf.tidy(() => network(wide, t));
      expect(maxError(await output.data(), plain)).toBeLessThan(plainLimit(1e-4));
      wide.dispose();
    });
  });

  describe.each([
    { dtype: 'float16', share: 0.51, most: 1e-2 },
    { dtype: 'uint8', share: 0.49, most: 6e-2 },
  ] as const)('as $dtype', ({ dtype, share, most }) => {
    useTestBackend('wasm');

    it('takes fewer bytes, and gives nearly the same, as a plain graph too', async () => {
      const io = reference.fixture('unet-io');
      const { config, checkpoint } = fixtureCheckpoint(reference);
      const [, height, width] = io.shape('x');
      const size = [height!, width!] as const;
      const stored = await convertCheckpoint(checkpoint, { config, dtype, size });
      const bytes = ({ weightData }: tf.io.ModelArtifacts) =>
        (weightData as ArrayBuffer[]).reduce((sum, { byteLength }) => sum + byteLength, 0);
      expect(bytes(stored) / bytes(await fixtureModel(reference))).toBeLessThan(share);

      const network = await loadNetwork(stored);
      const x: Tensor4D = io.tensor('x');
      const t: Tensor1D = io.tensor('t');
      const { output, gradient } = networkPasses(network, x, t, io.tensor('cotangent'));
      const plain = await runPlainGraph(stored, { x, t });
      const errors = {
        output: normError(await output.data(), io.values('y')),
        gradient: normError(await gradient.data(), io.values('vjp_x')),
        plain: maxError(await output.data(), plain),
      };
      report(dtype, errors);
      expect(errors.output).toBeLessThan(most);
      expect(errors.gradient).toBeLessThan(most);
      expect(errors.plain).toBeLessThan(plainLimit(1e-4));
      network.dispose();
    });
  });
});

it.skipIf(!shared.present)(
  `a pickled U-Net is read to the same weights as its safetensors, ${shared.title}`,
  async () => {
    const { config } = fixtureCheckpoint(shared);
    const pickled = await convertCheckpoint(shared.bytes('unet.pt'), { config });
    expect(pickled.weightData).toEqual((await fixtureModel(shared)).weightData);
  },
);
