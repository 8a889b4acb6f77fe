import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { finiteItems, readOnce } from '../../internal/finite';
import type { InverseProblem, Sampler } from '../sampler';

/** |x| / (1 + sigma) up to which x is an image with noise on it; more has already diverged. */
const plausible = 100;

/**
 * Why items became NaN or infinite in a step from x, which was finite: the denoiser, the operator, or
 * else what the sampler advises. It costs one network pass, and is called only when an item failed.
 */
export async function explainFailures(
  { denoiser, operator }: Pick<InverseProblem, 'denoiser' | 'operator'>,
  { remedy = 'check the measurement and the schedule' }: Pick<Sampler, 'remedy'>,
  x: Tensor4D,
  sigma: number,
): Promise<(item: number) => string> {
  const [batch] = x.shape;
  const found = await readOnce(
    tf.tidy(() => {
      const image = denoiser.denoise(x, sigma);
      const measured = operator.forward(image);
      const size = tf.max(tf.abs(x), [1, 2, 3]);
      return tf.concat([size, finiteItems(image), finiteItems(measured)]);
    }),
  );
  return (item) => {
    const [size, image, measured] = [0, 1, 2].map((part) => found[part * batch + item]!);
    if (!(size! <= plausible * (1 + sigma))) return remedy;
    if (image !== 0) return `the denoiser gave it for a finite image at sigma ${sigma}`;
    if (measured !== 0) return `${operator.name} gave it for a finite image: check the operator`;
    return remedy;
  };
}
