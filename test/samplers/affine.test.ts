import * as tf from '@tensorflow/tfjs';
import {
  averagePooling,
  circularBlur,
  daps,
  ddnm,
  ddrm,
  diffpir,
  edmSchedule,
  gaussianBlur,
  gaussianNoise,
  type InverseProblem,
  inpainting,
  pigdm,
  pnpDm,
  probabilityFlow,
  reverseDiffusion,
  type Sampler,
  type SpectralOperator,
  spgd,
} from 'spgd';
import { describe, expect, it } from 'vitest';
import { useTestBackend } from '../support/backend';
import { maxError } from '../support/close';
import {
  apply,
  type Column,
  combine,
  type Dense,
  dense,
  eye,
  inverse,
  mix,
  product,
  pseudoInverse,
  spectral,
  transpose,
} from '../support/dense';
import {
  type AffineStep,
  correlatedPrior,
  exactMoments,
  gain,
  type Moments,
  matrixOf,
  type Size,
  stepMoments,
} from './affine';

const size: Size = [2, 4];
const pixels = 8;
const schedule = [8, 3, 1.2, 0.5, 0.2, 0];
const std = 0.3;

/** A prior whose pixels depend on each other. */
const prior: Moments = {
  mean: Array.from({ length: pixels }, (_, i) => 0.4 * Math.cos(i)),
  covariance: dense(pixels, pixels, (i, j) => {
    const [down, across] = [(i >> 2) - (j >> 2), (i & 3) - (j & 3)];
    return 0.5 * Math.exp(-(down ** 2 + across ** 2) / 3) + (i === j ? 0.05 : 0);
  }),
};

/** All that the formula of a step may use. */
interface Given {
  readonly A: Dense;
  readonly y: Column;
  readonly std: number;
  readonly sigma: number;
  readonly sigmaNext: number;
  /** `D(x) = K x + k`. */
  readonly K: Dense;
  readonly k: Column;
}

type Formula = (given: Given) => AffineStep;

const I = eye(pixels);
const scaled = (value: number, matrix: Dense): Dense => combine(value, matrix, 0, matrix);
/** What a step makes of the affine function `x0 = P x + p` and of x: `a x0 + b x + G n`. */
const step = (a: number, P: Dense, p: Column, b: number, G: Dense): AffineStep => ({
  F: combine(a, P, b, I),
  f: p.map((value) => a * value),
  G,
});

const probabilityFlowStep: Formula = ({ K, k, sigma, sigmaNext }) =>
  step(1 - sigmaNext / sigma, K, k, sigmaNext / sigma, scaled(0, I));

const reverseDiffusionStep: Formula = ({ K, k, sigma, sigmaNext }) => {
  const ratio = 1 - sigmaNext ** 2 / sigma ** 2;
  const spread = sigmaNext > 0 ? sigma * Math.sqrt(ratio) : 0;
  return step(ratio, K, k, 1 - ratio, scaled(spread, I));
};

/** z = x0 + W (y - A x0). */
const corrected = (W: Dense, { A, K, k, y }: Given): [Dense, Column] => {
  const rest = combine(1, I, -1, product(W, A));
  return [product(rest, K), mix(1, apply(rest, k), 1, apply(W, y))];
};

/** `A' (A A' + d I)⁻¹`, and `A⁺` for d = 0. */
const damped = (A: Dense, d: number): Dense =>
  d === 0
    ? pseudoInverse(A)
    : product(transpose(A), inverse(combine(1, product(A, transpose(A)), d, eye(A.length))));

const diffpirStep =
  (lambda: number, zeta: number, temperature: number): Formula =>
  (given) => {
    const { A, sigma } = given;
    const sigmaNext = temperature * given.sigmaNext;
    const [Z, z] = corrected(damped(A, (lambda * given.std ** 2) / sigma ** 2), given);
    const e = (Math.sqrt(1 - zeta) * sigmaNext) / sigma;
    return step(1 - e, Z, z, e, scaled(Math.sqrt(zeta) * sigmaNext, I));
  };

const pigdmStep =
  (eta: number): Formula =>
  (given) => {
    const { A, K, k, y, sigma, sigmaNext } = given;
    const r2 = sigma ** 2 / (1 + sigma ** 2);
    const guide = product(transpose(K), damped(A, given.std ** 2 / r2));
    const c1 = eta * sigmaNext * Math.sqrt(1 - sigmaNext ** 2 / sigma ** 2);
    const c2 = Math.sqrt(sigmaNext ** 2 - c1 ** 2) / sigma;
    const plain = step(1 - c2, K, k, c2, scaled(c1, I));
    const g = apply(guide, mix(1, y, -1, apply(A, k)));
    return {
      F: combine(1, plain.F, -1, product(guide, A, K)),
      f: mix(1, plain.f, 1, g),
      G: plain.G,
    };
  };

/** f(s) of each right singular vector. */
const bySingularValue = (A: Dense, f: (s: number) => number): Dense =>
  spectral(product(transpose(A), A), (s2) => f(s2 > 1e-8 ? Math.sqrt(s2) : 0));

const ddnmStep: Formula = (given) => {
  const { A, sigma, sigmaNext } = given;
  const b = sigmaNext ** 2 / sigma ** 2;
  const q = (sigmaNext * Math.sqrt(sigma ** 2 - sigmaNext ** 2)) / sigma;
  const limit = (s: number) => (s * q) / ((1 - b) * given.std);
  const lambda = (s: number) => (given.std === 0 || s === 0 ? 1 : Math.min(1, limit(s)));
  const gamma = (s: number) =>
    s === 0 ? q ** 2 : q ** 2 - (((1 - b) * given.std * lambda(s)) / s) ** 2;
  const W = product(bySingularValue(A, lambda), pseudoInverse(A));
  const [Z, z] = corrected(W, given);
  return step(
    1 - b,
    Z,
    z,
    b,
    bySingularValue(A, (s) => Math.sqrt(Math.max(0, gamma(s)))),
  );
};

/** The simplified DDNM+: one λ and one γ for all. */
const simpleDdnmStep: Formula = (given) => {
  const { A, sigma, sigmaNext } = given;
  const a = 1 - sigmaNext ** 2 / sigma ** 2;
  const q = (sigmaNext * Math.sqrt(sigma ** 2 - sigmaNext ** 2)) / sigma;
  const lambda = q >= a * given.std ? 1 : q / (a * given.std);
  const gamma = q ** 2 - (a * lambda * given.std) ** 2;
  const [Z, z] = corrected(scaled(lambda, pseudoInverse(A)), given);
  return step(a, Z, z, 1 - a, scaled(Math.sqrt(Math.max(0, gamma)), I));
};

const ddrmStep =
  (eta: number, etaB: number): Formula =>
  ({ A, K, k, y, std: noise, sigma, sigmaNext }) => {
    const kept = Math.sqrt(1 - eta ** 2) * sigmaNext;
    const clear = (s: number) => s > 0 && sigmaNext >= noise / s;
    const W = bySingularValue(A, (s) => {
      if (clear(s)) return etaB;
      return s === 0 ? 0 : (kept * s) / noise;
    });
    const missing = bySingularValue(A, (s) => (s === 0 ? kept / sigma : 0));
    const G = bySingularValue(A, (s) =>
      clear(s) ? Math.sqrt(sigmaNext ** 2 - (etaB * noise) ** 2 / s ** 2) : eta * sigmaNext,
    );
    const move = combine(1, I, -1, combine(1, W, 1, missing));
    const f = mix(1, apply(move, k), 1, apply(product(W, pseudoInverse(A)), y));
    // Where s = 0, W is 0; elsewhere W A⁺ A = W.
    return { F: combine(1, product(move, K), 1, missing), f, G };
  };

/** `steps` gradient steps on `|y - A (K x + k)|²`, and a step of the base. */
const spgdStep =
  (base: Formula, lr: number, steps: number): Formula =>
  (given) => {
    const { A, K, k, y } = given;
    const AK = product(A, K);
    const half = product(transpose(AK), AK);
    const towards = apply(transpose(AK), mix(1, y, -1, apply(A, k)));
    let { F, f }: Pick<AffineStep, 'F' | 'f'> = { F: I, f: new Array(pixels).fill(0) };
    for (let j = 0; j < steps; j++) {
      const descent = combine(1, I, -2 * lr, half);
      F = product(descent, F);
      f = mix(1, apply(descent, f), 2 * lr, towards);
    }
    const then = base(given);
    return { F: product(then.F, F), f: mix(1, apply(then.F, f), 1, then.f), G: then.G };
  };

/** Matrices side by side. */
const beside = (left: Dense, right: Dense): Dense => left.map((row, i) => [...row, ...right[i]!]);

/** The denoiser at any level. */
const denoiserAt = (sigma: number) => {
  const K = gain(prior.covariance, sigma);
  return { K, k: mix(1, prior.mean, -1, apply(K, prior.mean)) };
};

/** Unguided steps down these levels, after what came before. */
const descent = (given: Given, levels: readonly number[], formula: Formula, before: AffineStep) =>
  levels.slice(1).reduce<AffineStep>((so, sigmaNext, i) => {
    const sigma = levels[i]!;
    const { F, f, G } = formula({ ...given, ...denoiserAt(sigma), sigma, sigmaNext });
    return {
      F: product(F, so.F),
      f: mix(1, apply(F, so.f), 1, f),
      G: beside(product(F, so.G), G),
    };
  }, before);

const origin: Column = new Array(pixels).fill(0);
const still: AffineStep = { F: I, f: origin, G: scaled(0, I) };

const dynamics = { odeSteps: 2, innerSteps: 3, learningRate: 0.01, decay: 0, tau: 0.4 };

/** `z += h v`, `v = b v + h (A'(y - A z) 2 / tau² + (x0 - z) / sigma²) + sqrt(2 (1 - b)) n`. */
const dapsStep =
  (momentum: number): Formula =>
  (given) => {
    const { A, y, sigma, sigmaNext } = given;
    const levels = edmSchedule({ steps: 3, sigmaMax: sigma, sigmaMin: 0.01 }).slice(0, -1);
    const centre = descent(given, levels, probabilityFlowStep, still);
    const h = Math.sqrt(dynamics.learningRate);
    const w = 2 / dynamics.tau ** 2;
    const pull = combine(-w, product(transpose(A), A), -1 / sigma ** 2, I);
    const zeros = (width: number) => dense(pixels, width, () => 0);
    const first = momentum > 0 ? [I] : [];
    let z: AffineStep = { ...centre, G: zeros(first.length * pixels) };
    let v: AffineStep = { F: zeros(pixels), f: origin, G: momentum > 0 ? I : zeros(0) };
    for (let k = 0; k < dynamics.innerSteps; k++) {
      const force = {
        F: combine(1, product(pull, z.F), 1 / sigma ** 2, centre.F),
        f: mix(1, mix(1, apply(pull, z.f), w, apply(transpose(A), y)), 1 / sigma ** 2, centre.f),
        G: z.G[0]!.length === 0 ? z.G : product(pull, z.G),
      };
      v = {
        F: combine(momentum, v.F, h, force.F),
        f: mix(momentum, v.f, h, force.f),
        G: beside(combine(momentum, v.G, h, force.G), scaled(Math.sqrt(2 * (1 - momentum)), I)),
      };
      z = {
        F: combine(1, z.F, h, v.F),
        f: mix(1, z.f, h, v.f),
        G: combine(1, beside(z.G, zeros(pixels)), h, v.G),
      };
    }
    return { ...z, G: beside(z.G, scaled(sigmaNext, I)) };
  };

/** z = S (A'(y + std n1) + d (x + rho n2)), S = (A'A + d I)⁻¹, d = std² / rho²; then down to 0. */
const pnpDmStep =
  (rhoMin: number, steps: number): Formula =>
  (given) => {
    const { A, y, std: noise } = given;
    const rho = Math.max(given.sigma, rhoMin);
    const d = (noise / rho) ** 2;
    const S = inverse(combine(1, product(transpose(A), A), d, I));
    const z = {
      F: scaled(d, S),
      f: apply(product(S, transpose(A)), y),
      G: beside(scaled(noise, product(S, transpose(A))), scaled(d * rho, S)),
    };
    const levels = edmSchedule({ steps, sigmaMax: rho, sigmaMin: 0.002 });
    return descent(given, levels, ancestralStep, z);
  };

const ancestralStep: Formula = ({ K, k, sigma, sigmaNext }) => {
  const b = sigmaNext ** 2 / sigma ** 2;
  return step(1 - b, K, k, b, scaled(sigmaNext * Math.sqrt(1 - b), I));
};

const warm = { learningRate: 0.2, warmupSteps: 3, momentum: 0, decay: 0 };

/** A sampler, and one step of it as its paper writes it. */
interface Method {
  readonly sampler: Sampler;
  readonly formula: Formula;
  /** How many draws a step makes, where it is more than one. */
  readonly draws?: number;
}

const methods: Record<string, Method> = {
  probabilityFlow: { sampler: probabilityFlow(), formula: probabilityFlowStep },
  reverseDiffusion: { sampler: reverseDiffusion(), formula: reverseDiffusionStep },
  diffpir: {
    sampler: diffpir({ lambda: 2, zeta: 0.3, temperature: 0.8 }),
    formula: diffpirStep(2, 0.3, 0.8),
  },
  pigdm: { sampler: pigdm({ eta: 0.7 }), formula: pigdmStep(0.7) },
  ddnm: { sampler: ddnm(), formula: ddnmStep },
  ddrm: { sampler: ddrm({ eta: 0.6, etaB: 0.9 }), formula: ddrmStep(0.6, 0.9) },
};
const simplified = { sampler: ddnm(), formula: simpleDdnmStep };
for (const [name, { sampler, formula }] of Object.entries(methods))
  methods[`spgd round ${name}`] = {
    sampler: spgd({ ...sampler, atNoiseLevel: true }, warm),
    formula: spgdStep(formula, warm.learningRate, warm.warmupSteps),
  };
const inner = {
  daps: { sampler: daps(dynamics), formula: dapsStep(0), draws: 4 },
  'daps by HMC': {
    sampler: daps({ ...dynamics, momentum: 0.6 }),
    formula: dapsStep(0.6),
    draws: 5,
  },
  'spgd round daps': {
    sampler: spgd(daps(dynamics), warm),
    formula: spgdStep(dapsStep(0), warm.learningRate, warm.warmupSteps),
    draws: 4,
  },
};
const gibbs = {
  sampler: pnpDm({ rhoMin: 0.4, denoiseSteps: 3 }),
  formula: pnpDmStep(0.4, 3),
  draws: 4,
};

const operators: Record<string, () => SpectralOperator> = {
  'a mask with weights': () => {
    const mask = tf.tensor4d([1, 0, 0.5, 1, 0, 0.2, -1, 1], [1, 2, 4, 1]);
    return inpainting({ mask });
  },
  averagePooling: () => averagePooling({ scale: 2 }),
  gaussianBlur: () => gaussianBlur({ kernelSize: 3, std: 0.6 }),
  circularBlur: () =>
    circularBlur({
      kernel: [
        [0, 0.1, 0],
        [0.3, 0.4, 0],
        [0.1, 0, 0.1],
      ],
    }),
};

/** The moments of the sampler, and those of its paper's formulas. */
async function bothMoments(
  { sampler, formula, draws }: Method,
  operator: SpectralOperator,
  noiseStd: number,
) {
  const A = matrixOf(operator, size);
  const y = A.map((_, i) => Math.sin(i + 1));
  const measurement = tf.tensor4d(y, operator.forward(tf.zeros([1, ...size, 1])).shape);
  const denoiser = correlatedPrior(prior, size);
  const problem: InverseProblem = {
    denoiser,
    operator,
    measurement,
    noise: gaussianNoise(noiseStd),
  };
  const got = await exactMoments(sampler, problem, schedule, size, draws);
  const steps = schedule.slice(0, -1).map((sigma, i) => {
    const K = gain(prior.covariance, sigma);
    const k = mix(1, prior.mean, -1, apply(K, prior.mean));
    return formula({ A, y, std: noiseStd, sigma, sigmaNext: schedule[i + 1]!, K, k });
  });
  return { got, expected: stepMoments(steps, { pixels, sigma: schedule[0]! }) };
}

describe('on a Gaussian prior a sampler has the mean and covariance of its formulas', () => {
  useTestBackend('cpu');

  const check = async (method: Method, operator: SpectralOperator, noiseStd: number) => {
    const { got, expected } = await bothMoments(method, operator, noiseStd);
    expect(maxError(got.mean, expected.mean)).toBeLessThan(1e-4);
    expect(maxError(got.covariance.flat(), expected.covariance.flat())).toBeLessThan(1e-4);
  };

  for (const name of Object.keys(methods))
    describe(name, () => {
      it.each(Object.keys(operators))('%s', (kind) =>
        check(methods[name]!, operators[kind]!(), std),
      );
    });

  describe('with inner steps of their own', () => {
    it.each(Object.keys(inner))('%s', (name) =>
      check(inner[name as keyof typeof inner], operators.averagePooling!(), std),
    );
    // Its draws for the measurement are of the shape of an image here.
    it.each(['a mask with weights', 'circularBlur'])('pnpDm round %s', (kind) =>
      check(gibbs, operators[kind]!(), std),
    );
  });

  it.each(['diffpir', 'pigdm', 'ddnm', 'ddrm'])('%s without noise in the measurement', (name) =>
    check(methods[name]!, operators['a mask with weights']!(), 0),
  );

  it.each(['diffpir', 'pigdm'])('%s round an operator without a spectrum', (name) => {
    const { spectrum: _, ...operator } = operators.averagePooling!();
    return check(methods[name]!, operator as SpectralOperator, std);
  });

  it('ddnm round an operator without a spectrum, by the simplified DDNM+', () => {
    const { spectrum: _, ...operator } = inpainting({
      mask: tf.tensor4d([1, 0, 1, 1, 0, 0, 1, 1], [1, 2, 4, 1]),
    });
    return check(simplified, operator as SpectralOperator, std);
  });
});
