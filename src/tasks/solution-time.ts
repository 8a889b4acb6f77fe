import * as tf from '@tensorflow/tfjs';
import type { ForwardOperator, Sampler, SolvableOperator } from 'spgd';

/** Products with `A'A` of a solution: 10 to 15 with an open border, 20 on average without singular values. */
const usualProducts = { spectral: 12, iterative: 20 } as const;

/** Between the dampings of the first and the last steps. */
const usualDamping = 0.01;

const isSolvable = (operator: ForwardOperator): operator is SolvableOperator => 'solve' in operator;

/**
 * About how many milliseconds each solution of a sampler takes that ends in no closed form: that of a blur with
 * `openBorder`, or of an operator without singular values. 0 where the sampler solves nothing.
 *
 * @param operator That of the problem, without `openBorder`.
 * @param shape That of the measurement.
 * @param sampler What will restore it.
 */
export async function solutionTime(
  operator: ForwardOperator,
  shape: readonly [number, number, number, number],
  { needs }: Pick<Sampler, 'needs'>,
): Promise<number> {
  const solves = needs?.some((need) => need === 'solve' || need === 'conditionalMean');
  if (!isSolvable(operator) || !solves) return 0;
  const { spectrum } = operator;
  const x = tf.tidy(() => operator.adjoint(tf.randomUniform<tf.Rank.R4>([...shape])));
  const product = () => {
    const image = operator.adjoint(operator.forward(x));
    return spectrum ? operator.solve(image, usualDamping) : image;
  };
  const time = async () => {
    const started = performance.now();
    const result = tf.tidy(product);
    await result.data();
    result.dispose();
    return performance.now() - started;
  };
  await time(); // prepares its matrices
  const milliseconds = await time();
  x.dispose();
  return (spectrum ? usualProducts.spectral : usualProducts.iterative) * milliseconds;
}
