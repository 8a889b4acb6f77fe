import { readFileSync } from 'node:fs';
import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { type Lpips, loadLpips } from 'spgd';
import { convertLpips } from 'spgd/convert';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { smallestSize } from '../../src/models/networks/lpips-nets';
import { filledModel } from '../models/graph/filled-model';
import { uniform } from '../models/graph/filled-weights';
import { testBackends, useTestBackend } from '../support/backend';
import { maxError, relativeError } from '../support/close';
import { errorNaming } from '../support/error-naming';
import { readSafetensors } from '../support/fixtures';
import { shared } from '../support/references';
import { filledLpips } from './filled-lpips';

const reference = readSafetensors(
  new Uint8Array(
    readFileSync(new URL('../fixtures/metrics/networks.safetensors', import.meta.url)),
  ),
);

const size = [31, 37] as const;

/** The images of test/fixtures/metrics/make.py. */
const image = (key: string, batch = 2): Tensor4D =>
  tf.tensor4d(uniform(key, batch * 31 * 37 * 3), [batch, ...size, 3]);

const report = (what: string, errors: unknown) => {
  if (process.env.SPGD_REPORT) console.log(`${what} ${tf.getBackend()} ${JSON.stringify(errors)}`);
};

// Recorded by `lpips.LPIPS(net='squeeze', version='0.1')(a, b)`.
describe.skipIf(!shared.present)(`LPIPS on the released weights, ${shared.title}`, () => {
  describe.each(testBackends)('on %s', (backend) => {
    useTestBackend(backend);

    it('has the numbers of the released code', async () => {
      const weights = shared.bytes('../weights/lpips-squeeze.safetensors');
      const artifacts = await convertLpips(weights, { net: 'squeeze' });
      const lpips = await loadLpips(tf.io.fromMemory(artifacts));
      const fixture = shared.fixture('lpips-squeeze');
      const pairs = fixture.names.filter((name) => name.startsWith('lpips_'));
      for (const name of backend === 'cpu' ? pairs.slice(0, 1) : pairs) {
        const [a, b] = ['a', 'b'].map((side) => name.replace('lpips', side));
        tf.tidy(() => {
          const distance = lpips(fixture.tensor(a!), fixture.tensor(b!));
          const error = maxError(distance, fixture.values(name));
          report(name, error);
          expect(error).toBeLessThan(1e-4);
        });
      }
      lpips.dispose();
    });
  });
});

/** Distances and gradients, recorded by test/fixtures/metrics/make.py. */
function agrees(name: string, lpips: Lpips): void {
  tf.tidy(() => {
    const [a, b] = [image('a'), image('b')];
    const gradient = tf.grad((at) => tf.sum(lpips(at as Tensor4D, b)))(a);
    const errors = {
      distance: maxError(lpips(a, b), reference.values(`${name}/lpips`)),
      gradient: relativeError(gradient, reference.values(`${name}/gradient`)),
    };
    report(name, errors);
    expect(errors.distance).toBeLessThan(1e-4);
    expect(errors.gradient).toBeLessThan(1e-3);
    // The smallest images leave a pixel to the last layer.
    const least = smallestSize[lpips.net];
    const small = [a, b].map((x) => tf.slice(x, [0, 0, 0, 0], [2, least, least, 3]));
    expect(
      lpips(...(small as [Tensor4D, Tensor4D]))
        .dataSync()
        .every((value) => value > 0),
    ).toBe(true);
  });
}

/** The squared distance of the features that the plain graph makes. */
async function plainDistance(artifacts: tf.io.ModelArtifacts): Promise<Tensor> {
  const model = await tf.loadGraphModel(tf.io.fromMemory(artifacts));
  const distance = tf.tidy(() => {
    const [a, b] = [image('a'), image('b')].map((x) => model.execute({ x }) as Tensor2D);
    return tf.sum(tf.square(tf.sub(a!, b!)), 1);
  });
  model.dispose();
  return distance;
}

describe('LPIPS against PyTorch on wasm', () => {
  useTestBackend('wasm');

  it.each(['squeeze', 'alex'] as const)('agrees for %s, as a plain graph too', async (net) => {
    const artifacts = await filledLpips(net, { size });
    const lpips = await loadLpips(tf.io.fromMemory(artifacts));
    agrees(net, lpips);
    const plain = await plainDistance(artifacts);
    expect(maxError(plain, reference.values(`${net}/lpips`))).toBeLessThan(1e-4);
    plain.dispose();
    lpips.dispose();
  });

  it('agrees for vgg, and for vgg that averages', async () => {
    const artifacts = await filledLpips('vgg');
    for (const replacePooling of [false, true]) {
      const lpips = await loadLpips(tf.io.fromMemory(artifacts), { replacePooling });
      agrees(replacePooling ? 'vgg-average' : 'vgg', lpips);
      lpips.dispose();
    }
  });
});

describe('LPIPS', () => {
  useTestBackend('wasm');
  let artifacts: tf.io.ModelArtifacts;
  let lpips: Lpips;
  beforeAll(async () => {
    artifacts = await filledLpips('squeeze');
    lpips = await loadLpips(tf.io.fromMemory(artifacts));
    tf.dispose(lpips(image('a', 1), image('b', 1))); // the first call derives weights
  });
  afterAll(() => lpips.dispose());

  it('is 0 for equal images, symmetric, and one number an item', () => {
    const start = tf.memory().numTensors;
    tf.tidy(() => {
      const [a, b] = [image('a'), image('b')];
      expect(maxError(lpips(a, a), [0, 0])).toBe(0);
      expect(maxError(lpips(a, b), lpips(b, a))).toBeLessThan(1e-6);
      const alone = lpips(image('a', 1), image('b', 1));
      expect(alone.shape).toEqual([1]);
      expect(maxError(alone, lpips(a, b).slice(0, 1))).toBeLessThan(1e-6);
    });
    expect(tf.memory().numTensors).toBe(start);
  });

  it('clips what lies outside of [-1, 1]', () => {
    tf.tidy(() => {
      const wide = tf.mul(image('a'), 2) as Tensor4D;
      const clipped = tf.clipByValue(wide, -1, 1);
      expect(maxError(lpips(wide, image('b')), lpips(clipped, image('b')))).toBe(0);
      expect(maxError(lpips(wide, clipped), [0, 0])).toBe(0);
    });
  });

  it('knows its network, and leaves nothing once disposed', async () => {
    const start = tf.memory().numTensors;
    const own = await loadLpips(tf.io.fromMemory(artifacts));
    expect(own.net).toBe('squeeze');
    tf.tidy(() => {
      own(image('a', 1), image('b', 1));
    });
    own.dispose();
    expect(tf.memory().numTensors).toBe(start);
  });

  it('names the argument, the rule and the value that broke it', async () => {
    const zeros = (...shape: [number, number, number, number]) => tf.zeros<tf.Rank.R4>(shape);
    expect(() => lpips(zeros(1, 16, 40, 3), zeros(1, 16, 40, 3))).toThrow(
      errorNaming(
        'RangeError',
        'lpips: a.shape',
        '[batch, height, width, 3]',
        '>= 17',
        'got [1, 16, 40, 3]',
      ),
    );
    expect(() => lpips(zeros(1, 32, 32, 1), zeros(1, 32, 32, 1))).toThrow(
      errorNaming(
        'RangeError',
        'lpips: a.shape',
        '[batch, height, width, 3]',
        '>= 17',
        'got [1, 32, 32, 1]',
      ),
    );
    expect(() => lpips(zeros(1, 32, 32, 3), zeros(1, 32, 33, 3))).toThrow(
      errorNaming('RangeError', 'lpips: b.shape', '[1, 32, 32, 3]', 'got [1, 32, 33, 3]'),
    );
    const averaging = loadLpips(tf.io.fromMemory(artifacts), { replacePooling: true });
    await expect(averaging).rejects.toThrow(
      errorNaming('RangeError', 'loadLpips: replacePooling', 'left out for squeeze', 'got true'),
    );
  });

  it('refuses a model of another kind', async () => {
    const denoiser = tf.io.fromMemory(await filledModel());
    await expect(loadLpips(denoiser)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[TypeError: loadLpips: is a model of the family adm, not lpips: convert the checkpoints by convertLpips]`,
    );
    const { userDefinedMetadata: _, ...foreign } = artifacts;
    await expect(loadLpips(tf.io.fromMemory(foreign))).rejects.toThrowErrorMatchingInlineSnapshot(
      `[TypeError: loadLpips: is no model of spgd, not lpips: convert the checkpoints by convertLpips]`,
    );
  });
});
