import { checkRange } from '../internal/check';
import type { Coefficients } from './precondition';

/** What a network of a variance-preserving process was trained to predict. */
export type Prediction = 'noise' | 'velocity' | 'image';

type Affine = Pick<Coefficients, 'skip' | 'out'>;

/** `D = skip x + out F`, from the definition of each prediction with `x_t = x / sqrt(1 + sigma^2)`. */
const affine: Readonly<Record<Prediction, (sigma: number) => Affine>> = {
  noise: (sigma) => ({ skip: 1, out: -sigma }),
  velocity: (sigma) => ({ skip: 1 / (1 + sigma ** 2), out: -sigma / Math.sqrt(1 + sigma ** 2) }),
  image: () => ({ skip: 0, out: 1 }),
};

/** Rejects any other name. */
export function checkPrediction(owner: string, name: unknown): asserts name is Prediction {
  const names = Object.keys(affine);
  checkRange(names.includes(name as string), owner, 'prediction', names.join(', '), name);
}

/** The scaling of a network that takes `x_t`, without its time. */
export const variancePreserving = (
  prediction: Prediction,
  sigma: number,
): Omit<Coefficients, 'noise'> => ({
  ...affine[prediction](sigma),
  in: 1 / Math.sqrt(1 + sigma ** 2),
});
