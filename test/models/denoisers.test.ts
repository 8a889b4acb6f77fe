import { readFileSync } from 'node:fs';
import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import {
  cosineBetas,
  type Denoiser,
  ddpmDenoiser,
  edmDenoiser,
  gaussianPrior,
  iddpmDenoiser,
  linearBetas,
  type Network,
  type Prediction,
  veDenoiser,
  vpDenoiser,
} from 'spgd';
import { beforeAll, describe, expect, it } from 'vitest';
import { useTestBackend } from '../support/backend';
import { bothPasses } from '../support/both-passes';
import { maxError, relativeError } from '../support/close';
import { errorNaming } from '../support/error-naming';
import type { Fixture } from '../support/fixtures';
import { fixtureDenoiser } from '../support/model';
import { againstReferences } from '../support/references';
import { denoiserLaws, syntheticNetwork } from './denoiser-laws';

denoiserLaws('vpDenoiser', { make: () => vpDenoiser(syntheticNetwork()) });
denoiserLaws('vpDenoiser of velocity, shrunk', {
  make: () => vpDenoiser(syntheticNetwork(), { prediction: 'velocity', halvedAt: 10 }),
});
denoiserLaws('ddpmDenoiser', { make: () => ddpmDenoiser(syntheticNetwork()) });
denoiserLaws('ddpmDenoiser without clip', {
  make: () => ddpmDenoiser(syntheticNetwork(), { clip: false, prediction: 'velocity' }),
});
denoiserLaws('ddpmDenoiser of images', {
  make: () => ddpmDenoiser(syntheticNetwork(), { prediction: 'image', betas: cosineBetas() }),
});
denoiserLaws('veDenoiser', { make: () => veDenoiser(syntheticNetwork()) });
denoiserLaws('iddpmDenoiser', { make: () => iddpmDenoiser(syntheticNetwork()) });
denoiserLaws('edmDenoiser', { make: () => edmDenoiser(syntheticNetwork()) });
denoiserLaws('gaussianPrior', { make: () => gaussianPrior({ mean: 0.2, std: 0.4 }) });

/** A network that remembers what it was given, and answers zero. */
function spy() {
  const given: { x: Float32Array; t: Float32Array }[] = [];
  const network: Network = (x, t) => {
    given.push({ x: x.dataSync<'float32'>(), t: t.dataSync<'float32'>() });
    return tf.zerosLike(x);
  };
  return { network, given };
}

/** Input and time that a denoiser gives its network for an image of ones. */
function given(make: (network: Network) => Denoiser, sigma: number): { x: number; t: number } {
  const { network, given: calls } = spy();
  tf.tidy(() => make(network).denoise(tf.ones([1, 2, 2, 1]), sigma));
  return { x: calls[0]!.x[0]!, t: calls[0]!.t[0]! };
}

againstReferences('vpDenoiser against PyTorch', (reference) => {
  useTestBackend('wasm');
  let fixture: Fixture;
  let sigmas: number[];
  beforeAll(() => {
    fixture = reference.fixture('vp-denoiser');
    sigmas = [...fixture.values('sigma')];
  });

  it('gives the network the times of the released code', () => {
    const times = sigmas.map((sigma) => given((network) => vpDenoiser(network), sigma).t);
    expect(relativeError(times, fixture.values('c_noise'))).toBeLessThan(1e-5);
  });

  it('has its denoised images and vector-Jacobian products', async () => {
    const denoiser = await fixtureDenoiser(reference);
    for (const [i, sigma] of sigmas.entries()) {
      tf.tidy(() => {
        const x = fixture.tensor<tf.Rank.R4>(`x_${i}`) as Tensor4D;
        const cotangent = fixture.tensor<tf.Rank.R4>(`cotangent_${i}`) as Tensor4D;
        const { denoised, gradient } = bothPasses(denoiser, x, sigma, cotangent);
        const errors = {
          // x - sigma F: the rounding of F counts sigma times.
          denoised: relativeError(denoised, fixture.values(`denoised_${i}`)),
          gradient: relativeError(gradient, fixture.values(`vjp_${i}`)),
        };
        if (process.env.SPGD_REPORT) console.log(`vp-denoiser ${sigma} ${JSON.stringify(errors)}`);
        expect(errors.denoised).toBeLessThan(1e-4);
        expect(errors.gradient).toBeLessThan(1e-3);
      });
    }
    denoiser.dispose();
  });
});

describe('what a network is given', () => {
  useTestBackend('cpu');

  it.each([0.01, 0.5, 3, 80])('is the scaled image and the time of its process, sigma %d', (s) => {
    const scaled = 1 / Math.sqrt(1 + s ** 2);
    const vp = given((network) => vpDenoiser(network, { betaD: 10, betaMin: 0.2, steps: 100 }), s);
    expect(vp.x).toBeCloseTo(scaled, 6);
    const t = vp.t / 99; // sigma(t)^2 = exp(betaD t^2 / 2 + betaMin t) - 1
    expect(Math.sqrt(Math.expm1(5 * t ** 2 + 0.2 * t)) / s).toBeCloseTo(1, 4);
    const ve = given(veDenoiser, s);
    expect(ve.x).toBe(1);
    expect(ve.t).toBeCloseTo(Math.log(s / 2), 6);
    const edm = given((network) => edmDenoiser(network, { sigmaData: 0.25 }), s);
    expect(edm.x).toBeCloseTo(1 / Math.sqrt(s ** 2 + 0.0625), 6);
    expect(edm.t).toBeCloseTo(Math.log(s) / 4, 6);
    const least = given((network) => edmDenoiser(network, { sigmaMin: 0.4 }), s);
    expect(least.x).toBeCloseTo(1 / Math.sqrt(s ** 2 + 0.25), 6);
    expect(least.t).toBeCloseTo(Math.log(Math.max(s, 0.4)) / 4, 6);
    expect(given((network) => ddpmDenoiser(network), s).x).toBeCloseTo(scaled, 6);
    expect(given((network) => iddpmDenoiser(network), s).x).toBeCloseTo(scaled, 6);
  });

  it('is, for ddpmDenoiser, the whole timestep with the nearest noise level', () => {
    const timesOf = (betas: number[]) => {
      let abar = 1;
      const levels = betas.map((beta) => {
        abar *= 1 - beta;
        return Math.sqrt(1 / abar - 1);
      });
      const at = (sigma: number) => given((network) => ddpmDenoiser(network, { betas }), sigma).t;
      return { levels, at };
    };
    for (const betas of [linearBetas(), cosineBetas(), linearBetas(50)]) {
      const { levels, at } = timesOf(betas);
      for (const i of [0, 1, 20, betas.length - 2]) {
        expect(at(levels[i]!)).toBe(i);
        expect(at(0.6 * levels[i]! + 0.4 * levels[i + 1]!)).toBe(i);
        expect(at(0.4 * levels[i]! + 0.6 * levels[i + 1]!)).toBe(i + 1);
      }
      expect(at(1e-9)).toBe(0);
      expect(at(1e9)).toBe(betas.length - 1);
    }
  });

  it('is, for ddpmDenoiser with rescaled times, that timestep as one of 1000', () => {
    const betas = cosineBetas(4000);
    const at = (rescaled: boolean) =>
      given((network) => ddpmDenoiser(network, { betas, rescaled }), 0.7).t;
    expect(at(false)).toBeGreaterThan(100);
    expect(at(true)).toBeCloseTo(at(false) / 4, 4);
  });

  it('is, for iddpmDenoiser, a timestep of the cosine levels in the closed form of EDM', () => {
    // u_{j-1}^2 + 1 = (u_j^2 + 1) abar_j / abar_{j-1} telescopes where no ratio is cut at 0.001.
    const steps = 1000;
    const abar = (j: number) => Math.sin((Math.PI / 2) * (j / steps / 1.008)) ** 2;
    for (const j of [20, 100, 500, 990]) {
      const sigma = Math.sqrt(abar(steps) / abar(j) - 1);
      expect(given((network) => iddpmDenoiser(network), sigma).t).toBe(steps - 1 - j);
    }
    expect(given((network) => iddpmDenoiser(network), 1e-9).t).toBe(0);
    expect(given((network) => iddpmDenoiser(network), 1e9).t).toBe(steps - 1);
  });
});

describe('the variances of the forward process', () => {
  const recorded = JSON.parse(
    readFileSync(new URL('../fixtures/models/values.json', import.meta.url), 'utf8'),
  ).betas;
  const schedules = { linear: linearBetas, cosine: cosineBetas };

  it.each(['linear', 'cosine'] as const)('are those of guided-diffusion, %s', (kind) => {
    const betas = schedules[kind];
    expect(maxError(betas(100), recorded[kind][100])).toBeLessThan(1e-14);
    const some = [0, 1, 499, 998, 999].map((i) => betas(1000)[i]!);
    expect(maxError(some, recorded[kind][1000])).toBeLessThan(1e-14);
    expect(betas()).toEqual(betas(1000));
  });

  it('multiply to the closed form of the cosine schedule', () => {
    const f = (t: number) => Math.cos(((t + 0.008) / 1.008) * (Math.PI / 2)) ** 2;
    let abar = 1;
    cosineBetas(200)
      .slice(0, 190)
      .forEach((beta, i) => {
        abar *= 1 - beta;
        expect(abar / (f((i + 1) / 200) / f(0))).toBeCloseTo(1, 10);
      });
  });

  it('need two steps', () => {
    expect(() => linearBetas(1)).toThrow(
      errorNaming('RangeError', 'linearBetas: steps', 'integer', '>= 2', 'got 1'),
    );
    expect(() => cosineBetas(2.5)).toThrow(
      errorNaming('RangeError', 'cosineBetas: steps', 'integer', '>= 2', 'got 2.5'),
    );
  });
});

/** What a perfect network predicts where the clean image is `0.3 x_t + 0.1`. */
const consistent =
  (prediction: Prediction, abarAt: (t: number) => number): Network =>
  (xt: Tensor4D, t: Tensor1D) => {
    const abar = abarAt(t.dataSync()[0]!);
    const clean = tf.add(tf.mul(xt, 0.3), 0.1) as Tensor4D;
    const noise = tf.div(tf.sub(xt, tf.mul(clean, Math.sqrt(abar))), Math.sqrt(1 - abar));
    const velocity = tf.sub(tf.mul(noise, Math.sqrt(abar)), tf.mul(clean, Math.sqrt(1 - abar)));
    return { noise, velocity, image: clean }[prediction] as Tensor4D;
  };

/** Every prediction gives the one clean image. */
function expectAgreement(
  sigma: number,
  denoiserOf: (prediction: Prediction, abarAt: (t: number) => number) => Denoiser,
  abarAt: (t: number) => number,
): void {
  tf.tidy(() => {
    const x = tf.randomNormal<tf.Rank.R4>([2, 3, 5, 1], 0, sigma, 'float32', 3);
    const expected = tf.add(tf.mul(x, 0.3 / Math.sqrt(1 + sigma ** 2)), 0.1);
    for (const prediction of ['noise', 'velocity', 'image'] as const) {
      const denoised = denoiserOf(prediction, abarAt).denoise(x, sigma);
      expect(maxError(denoised, expected)).toBeLessThan(1e-4 * (1 + sigma));
    }
  });
}

describe('the predictions of a variance-preserving network', () => {
  useTestBackend('cpu');

  it.each([0.01, 0.7, 20, 100])('agree at sigma %d', (sigma) => {
    const make = (prediction: Prediction, abarAt: (t: number) => number) =>
      vpDenoiser(consistent(prediction, abarAt), { prediction });
    // abar(t) = exp(-betaD t^2 / 2 - betaMin t), t = given / 999.
    expectAgreement(sigma, make, (given) => {
      const t = given / 999;
      return Math.exp((-19.9 * t ** 2) / 2 - 0.1 * t);
    });
  });

  it('are noise unless said otherwise', () => {
    tf.tidy(() => {
      const x = tf.randomNormal<tf.Rank.R4>([2, 3, 5, 3], 0, 1, 'float32', 4);
      const silent = vpDenoiser(syntheticNetwork()).denoise(x, 0.8);
      const noise = vpDenoiser(syntheticNetwork(), { prediction: 'noise' }).denoise(x, 0.8);
      const velocity = vpDenoiser(syntheticNetwork(), { prediction: 'velocity' }).denoise(x, 0.8);
      expect(maxError(silent, noise)).toBe(0);
      expect(maxError(silent, velocity)).toBeGreaterThan(0.01);
    });
  });

  it('are shrunk by half at halvedAt, hardly below it, and to nothing far above', () => {
    tf.tidy(() => {
      const x = tf.randomNormal<tf.Rank.R4>([2, 3, 5, 3], 0, 1, 'float32', 4);
      const whole = vpDenoiser(syntheticNetwork());
      const shrunk = vpDenoiser(syntheticNetwork(), { halvedAt: 10 });
      for (const [sigma, share] of [
        [0.1, 1 / 1.0001],
        [10, 0.5],
        [100, 1 / 101],
      ] as const) {
        const expected = tf.mul(whole.denoise(x, sigma), share);
        expect(relativeError(shrunk.denoise(x, sigma), expected)).toBeLessThan(1e-5);
      }
    });
  });

  it('of velocity pass on no error larger than it is, at any sigma', () => {
    tf.tidy(() => {
      const x = tf.zeros<tf.Rank.R4>([1, 2, 2, 1]);
      const wrong: Network = (at) => tf.onesLike(at);
      for (const sigma of [0.01, 1, 100, 1e4]) {
        const { denoise } = vpDenoiser(wrong, { prediction: 'velocity' });
        expect(maxError(denoise(x, sigma), x)).toBeLessThanOrEqual(1);
      }
    });
  });
});

describe('the predictions of a DDPM network', () => {
  useTestBackend('cpu');
  const betas = linearBetas();

  it.each([0, 300, 700])('agree at the noise level of timestep %d', (step) => {
    const abars: number[] = [];
    for (const beta of betas) abars.push((abars.at(-1) ?? 1) * (1 - beta));
    const make = (prediction: Prediction, abarAt: (t: number) => number) =>
      ddpmDenoiser(consistent(prediction, abarAt), { betas, prediction, clip: false });
    expectAgreement(Math.sqrt(1 / abars[step]! - 1), make, (t) => abars[t]!);
  });

  it('are cut to [-1, 1] unless asked otherwise', () => {
    tf.tidy(() => {
      const network: Network = (x) => tf.mul(x, 3);
      const x = tf.tensor4d([-5, -0.1, 0.1, 5], [1, 2, 2, 1]);
      const cut = ddpmDenoiser(network, { prediction: 'image' }).denoise(x, 0.02);
      const free = ddpmDenoiser(network, { prediction: 'image', clip: false }).denoise(x, 0.02);
      expect(maxError(cut, tf.clipByValue(free, -1, 1))).toBe(0);
      expect(Math.max(...free.dataSync())).toBeGreaterThan(10);
    });
  });

  it('pass no gradient where they were cut', () => {
    tf.tidy(() => {
      const denoiser = ddpmDenoiser(syntheticNetwork());
      const x = tf.tensor4d([-5, 0.1, 5, 0.2, -0.1, 9], [1, 1, 2, 3]);
      const { denoised, gradient } = bothPasses(denoiser, x, 0.5, tf.onesLike(x));
      const cut = [...denoised.dataSync()].map((value) => Math.abs(value) === 1);
      expect(cut).toEqual([true, false, true, false, false, true]);
      expect([...gradient.dataSync()].map((value) => value === 0)).toEqual(cut);
    });
  });
});

describe('gaussianPrior', () => {
  useTestBackend('cpu');

  it('is the posterior mean in closed form, pixel by pixel', () => {
    tf.tidy(() => {
      const x = tf.tensor4d([1, -2, 0.5, 3], [1, 2, 2, 1]);
      const mean = tf.tensor4d([0.1, 0.2, 0.3, 0.4], [1, 2, 2, 1]);
      const std = tf.tensor4d([1, 2, 0.5, 0.1], [1, 2, 2, 1]);
      const prior = gaussianPrior({ mean, std });
      const sigma = 1.5;
      const expected = [0, 1, 2, 3].map((i) => {
        const [value, m, s] = [x, mean, std].map((all) => all.dataSync()[i]!) as [
          number,
          number,
          number,
        ];
        return (s ** 2 * value + sigma ** 2 * m) / (s ** 2 + sigma ** 2);
      });
      expect(maxError(prior.denoise(x, sigma), expected)).toBeLessThan(1e-6);
      const { gradient } = bothPasses(prior, x, sigma, tf.ones([1, 2, 2, 1]));
      const gains = [1, 2, 0.5, 0.1].map((s) => s ** 2 / (s ** 2 + sigma ** 2));
      expect(maxError(gradient, gains)).toBeLessThan(1e-6);
    });
  });
});

describe('wrong options of denoisers', () => {
  const network = syntheticNetwork();

  it('are told by name', () => {
    expect(() => vpDenoiser(network, { betaD: 0 })).toThrow(
      errorNaming('RangeError', 'vpDenoiser: betaD', '> 0', 'got 0'),
    );
    expect(() => vpDenoiser(network, { betaMin: -1 })).toThrow(
      errorNaming('RangeError', 'vpDenoiser: betaMin', '> 0', 'got -1'),
    );
    expect(() => vpDenoiser(network, { steps: NaN })).toThrow(
      errorNaming('RangeError', 'vpDenoiser: steps', '> 0', 'got NaN'),
    );
    expect(() => vpDenoiser(network, { prediction: 'v' as Prediction })).toThrow(
      errorNaming('RangeError', 'vpDenoiser: prediction', 'noise, velocity, image', 'got v'),
    );
    expect(() => vpDenoiser(network, { halvedAt: 0 })).toThrow(
      errorNaming('RangeError', 'vpDenoiser: halvedAt', '> 0', 'got 0'),
    );
    expect(() => ddpmDenoiser(network, { betas: [] })).toThrow(
      errorNaming('RangeError', 'ddpmDenoiser: betas', '(0, 1)', 'got []'),
    );
    expect(() => ddpmDenoiser(network, { betas: [0.1, 1] })).toThrow(
      errorNaming('RangeError', 'ddpmDenoiser: betas', '(0, 1)', 'got 1'),
    );
    expect(() => ddpmDenoiser(network, { betas: linearBetas(10) })).toThrow(
      errorNaming('RangeError', 'ddpmDenoiser: betas', '(0, 1)', 'got 1.1155555555555556'),
    );
    expect(() => ddpmDenoiser(network, { prediction: 'toString' as Prediction })).toThrow(
      errorNaming(
        'RangeError',
        'ddpmDenoiser: prediction',
        'noise, velocity, image',
        'got toString',
      ),
    );
    expect(() => edmDenoiser(network, { sigmaMin: -1 })).toThrow(
      errorNaming('RangeError', 'edmDenoiser: sigmaMin', '>= 0', 'got -1'),
    );
    expect(() => edmDenoiser(network, { sigmaData: 0 })).toThrow(
      errorNaming('RangeError', 'edmDenoiser: sigmaData', '> 0', 'got 0'),
    );
    expect(() => iddpmDenoiser(network, { steps: 1 })).toThrow(
      errorNaming('RangeError', 'iddpmDenoiser: steps', 'integer', '>= 2', 'got 1'),
    );
    expect(() => gaussianPrior({ std: -1 })).toThrow(
      errorNaming('RangeError', 'gaussianPrior: std', '> 0', 'got -1'),
    );
  });
});

describe('what a denoiser says of its network', () => {
  const imageShape = [null, null, 3] as const;
  const dispose = () => {};

  it('is what the network says, and a network without a gradient leaves it to the tape', () => {
    const whole: Network = Object.assign(syntheticNetwork(), {
      imageShape,
      multipleOf: 4,
      dispose,
    });
    const plain: Network = (x) => x;
    for (const make of [vpDenoiser, ddpmDenoiser, veDenoiser, iddpmDenoiser, edmDenoiser]) {
      expect(make(whole)).toMatchObject({ imageShape, multipleOf: 4, dispose });
      expect(Object.keys(make(plain))).toEqual(['denoise']);
    }
  });
});
