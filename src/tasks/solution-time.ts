import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { ForwardOperator, Sampler, SolvableOperator } from 'spgd';

/** Products that a solution with an open border takes: 10 to 15. */
const usualProducts = 12;

/** Between the dampings of the first and the last steps; without singular values it takes the most products. */
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
  if (!isSolvable(operator) || !needs?.includes('solve')) return 0;
  const y = tf.randomUniform<tf.Rank.R4>([...shape]);
  const solve = () => operator.solve(operator.adjoint(y), usualDamping);
  const product = () => operator.solve(operator.adjoint(operator.forward(y)), usualDamping);
  const time = async (work: () => Tensor4D) => {
    const started = performance.now();
    const result = tf.tidy(work);
    await result.data();
    result.dispose();
    return performance.now() - started;
  };
  if (operator.spectrum) await time(product); // prepares its matrices
  const milliseconds = operator.spectrum
    ? usualProducts * (await time(product))
    : await time(solve);
  y.dispose();
  return milliseconds;
}
