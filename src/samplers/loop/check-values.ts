import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkFinite, readOnce } from '../../internal/finite';
import { warnOnce } from '../../internal/warn-once';
import type { InverseProblem } from '../sampler';

/**
 * Checks the values of a problem before the first step: those of the operator's own tensors, of the
 * measurement where something is measured, and of where the run starts.
 *
 * @throws RangeError that names the first value which is not finite, and its place.
 */
export async function checkValues(
  owner: string,
  problem: Omit<InverseProblem, 'denoiser'>,
  starts: Readonly<Record<string, Tensor4D | undefined>>,
): Promise<void> {
  await problem.operator.check?.();
  await checkFinite(owner, 'measurement', problem.measurement);
  for (const [option, x] of Object.entries(starts)) if (x) await checkFinite(owner, option, x);
  if (await isFarOutside(problem)) {
    const rule = 'images are in [-1, 1]; for grey levels in [0, 255] take x / 127.5 - 1';
    warnOnce('measurement', `${owner}: measurement has values far outside its range: ${rule}`);
  }
}

/** The mean magnitude of the item where it is largest. */
const magnitude = async (y: Tensor4D): Promise<number> =>
  (await readOnce(tf.tidy(() => tf.max(tf.mean(tf.abs(y), [1, 2, 3])))))[0]!;

/** How many times the usual magnitude is far outside. */
const far = 4;

/** Whether y is far larger than a measurement of an image in [-1, 1] with this noise. */
async function isFarOutside({
  operator,
  measurement,
  noise,
}: Omit<InverseProblem, 'denoiser'>): Promise<boolean> {
  const limit = far * (1 + (noise.std ?? 0));
  const mean = await magnitude(measurement);
  if (mean <= limit) return false;
  // Magnitudes of a Fourier transform may be large: compare with the measurement of white.
  const image = operator.imageShape?.(measurement.shape) ?? measurement.shape;
  const white = await readOnce(tf.tidy(() => tf.max(tf.abs(operator.forward(tf.ones(image))))));
  return mean > limit * Math.max(1, white[0]!);
}
