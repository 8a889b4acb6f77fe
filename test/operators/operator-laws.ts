import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { gaussianNoise } from '../../src/operators/noise/gaussian-noise';
import type {
  ForwardOperator,
  LinearOperator,
  Shape4D,
  Spectrum,
} from '../../src/operators/operator';
import { testBackends, useTestBackend } from '../support/backend';
import { maxError, normError, relativeError } from '../support/close';
import type { Fixture } from '../support/fixtures';
import { againstReferences } from '../support/references';

/** How an operator is put to the laws; what is left out is a 31 x 37 image of 3 channels. */
export interface LawCase {
  /** Shapes of x for one and the same operator kind; each has batch 2 or more. */
  shapes?: readonly Shape4D[];
  /** Builds the operator for a shape of x, and says what it borrows, to be disposed. */
  make(shape: Shape4D): { operator: ForwardOperator; borrowed?: Tensor };
}

/** Non-square, of 3 channels, of 1 and of 4. */
const usualShapes: readonly Shape4D[] = [
  [2, 31, 37, 3],
  [2, 31, 37, 1],
  [2, 37, 31, 4],
];

/** Random values well inside [-0.45, 0.45], so that a clip at 2 x lies away from them. */
const randomImage = (shape: Shape4D, seed: number): Tensor4D =>
  tf.randomUniform(shape, -0.45, 0.45, 'float32', seed);

const inner = (a: Tensor, b: Tensor): Tensor => tf.sum(tf.mul(a, b));

const norm = (a: Tensor): Tensor => tf.sqrt(inner(a, a));

const gradient = (map: (x: Tensor4D) => Tensor, x: Tensor4D, dy?: Tensor4D): Tensor4D =>
  tf.grad((input) => map(input as Tensor4D))(x, dy) as Tensor4D;

const isLinear = (operator: ForwardOperator): operator is LinearOperator => 'adjoint' in operator;

/** Computes with an operator without leaking one tensor, and reads what it gives: WebGPU reads later. */
async function computed(
  { make }: LawCase,
  shape: Shape4D,
  compute: (operator: ForwardOperator, x: Tensor4D) => readonly Tensor[],
): Promise<Float32Array[]> {
  const start = tf.memory().numTensors;
  const { operator, borrowed } = make(shape);
  const found = tf.tidy(() => compute(operator, randomImage(shape, 11)) as Tensor[]);
  borrowed?.dispose();
  const values = await Promise.all(found.map((tensor) => tensor.data<'float32'>()));
  tf.dispose(found);
  expect(tf.memory().numTensors).toBe(start);
  return values;
}

/** The number of tensors that one call leaves, its result included. */
function leaves(call: () => Tensor): number {
  const start = tf.memory().numTensors;
  const result = call();
  const left = tf.memory().numTensors - start;
  result.dispose();
  return left;
}

function commonLaws(law: LawCase, shape: Shape4D): void {
  it('leaves one tensor a call, its result, without any tidy round it', () => {
    const { operator, borrowed } = law.make(shape);
    const x = randomImage(shape, 16);
    const y = operator.forward(x);
    const calls = [() => operator.forward(x), () => gradient((at) => operator.forward(at), x, y)];
    if (isLinear(operator))
      calls.push(
        () => operator.adjoint(y),
        () => gradient((at) => operator.adjoint(at), y, x),
      );
    expect(calls.map(leaves)).toEqual(calls.map(() => 1));
    tf.dispose([x, y, ...(borrowed ? [borrowed] : [])]);
  });

  it('looks no farther than its reach', async () => {
    const [, rows, columns] = shape;
    let found = { reach: Infinity, row: 0, column: 0 };
    const [seen] = await computed(law, shape, (operator, x) => {
      const { reach } = operator;
      if (reach === undefined) return [tf.zeros([rows, columns])];
      const [, height, width, channels] = operator.forward(x).shape;
      const [row, column] = [height >> 1, width >> 1];
      const one = tf.buffer([height, width]);
      one.set(1, row, column);
      const spread = tf.tile(tf.reshape(one.toTensor(), [1, height, width, 1]), [
        shape[0],
        1,
        1,
        channels,
      ]);
      const centre = (at: number, of: number, from: number) => ((at + 0.5) * from) / of - 0.5;
      found = { reach, row: centre(row, height, rows), column: centre(column, width, columns) };
      const slope = gradient((at) => operator.forward(at), x, spread as Tensor4D);
      return [tf.sum(tf.abs(slope), [0, 3])];
    });
    const far = seen!.filter((_, at) => {
      const [down, right] = [Math.floor(at / columns) - found.row, (at % columns) - found.column];
      return Math.max(Math.abs(down), Math.abs(right)) > found.reach;
    });
    expect(Math.max(0, ...far)).toBe(0);
  });

  it('gives each item of a batch what it gives it alone', async () => {
    const [together, alone] = await computed(law, shape, (operator, x) => {
      const items = tf.split<Tensor4D>(x, shape[0]);
      const { operator: single, borrowed } = law.make([1, shape[1], shape[2], shape[3]]);
      const outputs = tf.concat(items.map((item) => single.forward(item)));
      borrowed?.dispose();
      return [operator.forward(x), outputs];
    });
    expect(maxError(together!, alone!)).toBeLessThan(1e-5);
  });

  it('has the gradient of the residual that finite differences have', async () => {
    const step = 0.02;
    const values = await computed(law, shape, (operator, x) => {
      const noise = gaussianNoise(0);
      const y = operator.forward(randomImage(shape, 12));
      const residual = (at: Tensor4D) => noise.residual(operator.forward(at), y);
      const slope = gradient(residual, x);
      const direction = tf.div<Tensor4D>(slope, norm(slope));
      const at = (t: number) => tf.sum(residual(tf.add<Tensor4D>(x, tf.mul(direction, t))));
      return [at(step), at(-step), norm(slope)];
    });
    const [after, before, steepness] = values.map(([value]) => value!) as [number, number, number];
    const measured = (after - before) / (2 * step);
    expect(Math.abs(measured - steepness) / steepness).toBeLessThan(3e-3);
  });

  it('knows the shape of x from the shape of y', async () => {
    await computed(law, shape, (operator, x) => {
      const y = operator.forward(x);
      expect(operator.imageShape?.(y.shape) ?? y.shape).toEqual(shape);
      return [];
    });
  });

  it('refuses an x that is no image batch', async () => {
    await computed(law, shape, (operator, x) => {
      expect(() => operator.forward(tf.unstack(x)[0] as Tensor as Tensor4D)).toThrow(
        /: x must be a tensor \[batch, height, width, channels\], got \[/,
      );
      return [];
    });
  });
}

/** `computed`, for an operator that declares an adjoint. */
const computedLinear =
  (law: LawCase, shape: Shape4D) =>
  (compute: (operator: LinearOperator, x: Tensor4D) => readonly Tensor[]) =>
    computed(law, shape, (operator, x) => {
      if (!isLinear(operator)) throw new Error(`${operator.name} is not linear`);
      return compute(operator, x);
    });

function linearLaws(law: LawCase, shape: Shape4D): void {
  const linear = computedLinear(law, shape);
  const measurementLike = (operator: ForwardOperator, x: Tensor4D, seed: number) =>
    randomImage(operator.forward(x).shape, seed);

  it('is linear', async () => {
    const [mixed, sum] = await linear((operator, x) => {
      const other = randomImage(shape, 13);
      return [
        operator.forward(tf.add(tf.mul(x, 1.7), tf.mul(other, -0.6))),
        tf.add(tf.mul(operator.forward(x), 1.7), tf.mul(operator.forward(other), -0.6)),
      ];
    });
    expect(maxError(mixed!, sum!)).toBeLessThan(1e-5);
  });

  it("has an adjoint with <A x, y> = <x, A'y>", async () => {
    const values = await linear((operator, x) => {
      const y = measurementLike(operator, x, 14);
      const image = operator.forward(x);
      return [inner(image, y), inner(x, operator.adjoint(y)), norm(image), norm(y)];
    });
    const [forward, backward, ...norms] = values.map(([value]) => value!);
    expect(Math.abs(forward! - backward!) / (norms[0]! * norms[1]!)).toBeLessThan(1e-5);
  });

  it('has the adjoint that autodiff derives, and its gradient in y is the operator', async () => {
    const [adjoint, derived, back, forward] = await linear((operator, x) => {
      const y = measurementLike(operator, x, 15);
      return [
        operator.adjoint(y),
        gradient((at) => operator.forward(at), x, y),
        gradient((at) => operator.adjoint(at), y, x),
        operator.forward(x),
      ];
    });
    expect(normError(adjoint!, derived!)).toBeLessThan(1e-5);
    expect(normError(back!, forward!)).toBeLessThan(1e-5);
  });
}

function solverLaws(law: LawCase, shape: Shape4D): void {
  const linear = computedLinear(law, shape);

  it('leaves one tensor a solution, without any tidy round it', () => {
    const { operator, borrowed } = law.make(shape);
    const x = randomImage(shape, 17);
    const y = operator.forward(x);
    const { solve, pseudoInverse } = operator as LinearOperator;
    expect([leaves(() => pseudoInverse!(y)), leaves(() => solve!(x, 1))]).toEqual([1, 1]);
    tf.dispose([x, y, ...(borrowed ? [borrowed] : [])]);
  });

  it("solves (A'A + d I) x = b for each item", async () => {
    const [back, right] = await linear((operator, x) => {
      const damping = 0.3;
      const b = tf.mul<Tensor4D>(x, tf.reshape(tf.range(1, shape[0] + 1), [-1, 1, 1, 1]));
      const solved = operator.solve!(b, damping);
      return [tf.add(operator.adjoint(operator.forward(solved)), tf.mul(solved, damping)), b];
    });
    expect(relativeError(back!, right!)).toBeLessThan(1e-4);
  });

  it('has a pseudo-inverse that fits what it measured', async () => {
    const [fitted, measured] = await linear((operator, x) => {
      const y = operator.forward(x);
      return [operator.forward(operator.pseudoInverse!(y)), y];
    });
    expect(normError(fitted!, measured!)).toBeLessThan(3e-2);
  });
}

function spectrumLaws(law: LawCase, shape: Shape4D): void {
  const spectral = (
    compute: (spectrum: Spectrum, x: Tensor4D, operator: LinearOperator) => readonly Tensor[],
  ) => computedLinear(law, shape)((operator, x) => compute(operator.spectrum!, x, operator));

  it('has transforms that keep norms and invert each other', async () => {
    const [image, back, before, after] = await spectral(({ analyze, synthesize }, x) => {
      const coefficients = analyze(x);
      return [tf.clone(x), synthesize(coefficients), norm(x), norm(coefficients)];
    });
    expect(after![0]! / before![0]!).toBeCloseTo(1, 5);
    expect(normError(back!, image!)).toBeLessThan(1e-5);
  });

  it("has singular values with U'A x = s V'x, which miss nothing of A x", async () => {
    const [values, coefficients, scaled, before, after] = await spectral(
      (spectrum, x, operator) => {
        const y = operator.forward(x);
        const analyzed = spectrum.analyzeMeasurement(y);
        const s = spectrum.values(shape);
        return [s, analyzed, tf.mul(s, spectrum.analyze(x)), norm(y), norm(analyzed)];
      },
    );
    expect(values!.reduce((least, value) => Math.min(least, value))).toBeGreaterThanOrEqual(0);
    expect(normError(coefficients!, scaled!)).toBeLessThan(1e-5);
    expect(after![0]! / before![0]!).toBeCloseTo(1, 5);
  });

  it('adds nothing to any y by its analysis', async () => {
    const [before, after] = await spectral(({ analyzeMeasurement }, x, operator) => {
      const y = randomImage(operator.forward(x).shape, 18);
      return [norm(y), norm(analyzeMeasurement(y))];
    });
    expect(after![0]! / before![0]!).toBeLessThan(1 + 1e-5);
  });

  it('leaves one tensor for each transform', () => {
    const { operator, borrowed } = law.make(shape);
    const spectrum = (operator as LinearOperator).spectrum!;
    const x = randomImage(shape, 19);
    const y = operator.forward(x);
    const coefficients = spectrum.analyze(x);
    const calls = [
      () => spectrum.values(shape),
      () => spectrum.analyze(x),
      () => spectrum.synthesize(coefficients),
      () => spectrum.analyzeMeasurement(y),
    ];
    expect(calls.map(leaves)).toEqual([1, 1, 1, 1]);
    tf.dispose([x, y, coefficients, borrowed ?? []]);
  });
}

/** The laws that every forward operator keeps, and those of linear ones, on cpu and on wasm. */
export function operatorLaws(
  law: LawCase,
  { linear, spectrum = false }: { linear: boolean; spectrum?: boolean },
): void {
  describe.each(testBackends)('laws on %s', (backend) => {
    useTestBackend(backend);
    const shapes = law.shapes ?? usualShapes;
    shapes.forEach((shape) => {
      describe(`x of [${shape.join(', ')}]`, () => {
        commonLaws(law, shape);
        if (linear) linearLaws(law, shape);
        // Solvers are slow on cpu, and see channels as they see items.
        const solved = linear && (shape[3] === 1 || shapes.length === 1);
        if (solved) solverLaws(law, shape);
        if (solved && spectrum) spectrumLaws(law, shape);
      });
    });
  });
}

/** Compares an operator with the numbers of the released code: y, error and the error's gradient. */
export function referenceLaw(
  name: string,
  make: (fixture: Fixture) => { operator: ForwardOperator; borrowed?: Tensor },
): void {
  againstReferences(`against ${name}`, (reference) => {
    describe.each(testBackends)('on %s', (backend) => {
      useTestBackend(backend);
      it('gives the released measurement, error and gradient', async () => {
        const fixture = reference.fixture(name);
        const start = tf.memory().numTensors;
        const { operator, borrowed } = make(fixture);
        const found = tf.tidy(() => {
          const x = fixture.tensor<tf.Rank.R4>('x');
          const measurement = fixture.tensor<tf.Rank.R4>('measurement');
          const residual = (at: Tensor4D) =>
            gaussianNoise(0).residual(operator.forward(at), measurement);
          return [operator.forward(x), residual(x), gradient(residual, x)] as Tensor[];
        });
        borrowed?.dispose();
        const [output, error, slope] = await Promise.all(found.map((tensor) => tensor.data()));
        tf.dispose(found);
        const errors = {
          output: maxError(output!, fixture.values('y')),
          residual: relativeError(error!, fixture.values('error')),
          gradient: relativeError(slope!, fixture.values('grad')),
        };
        if (process.env.SPGD_REPORT) console.log(`${name} ${backend} ${JSON.stringify(errors)}`);
        expect(errors.output).toBeLessThan(1e-4);
        expect(errors.residual).toBeLessThan(1e-4);
        expect(errors.gradient).toBeLessThan(1e-3);
        expect(tf.memory().numTensors).toBe(start);
      });
    });
  });
}
