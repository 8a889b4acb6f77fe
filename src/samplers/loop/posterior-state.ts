import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { addToMoments } from '../../internal/moments';
import type { Shape4D } from '../../operators/operator';
import { candidate, nearerFit } from '../nearest-fit';
import type { Consistency } from './consistency';
import type { PosteriorOptions, PosteriorState } from './posterior-options';
import { cloneTree } from './state-tree';

/** The state before the first sample. */
export const emptyState = (shape: Shape4D): PosteriorState => ({
  x: tf.zeros(shape),
  squares: tf.zeros(shape),
  count: 0,
  fit: [0, 0, 0],
  kept: [],
  nearest: [],
  failed: [],
});

/** What is kept of the samples, with one more of this squared residual. */
function keepSample(
  { kept, nearest }: PosteriorState,
  x: Tensor4D,
  residual: number,
  keep: PosteriorOptions['keep'],
): Pick<PosteriorState, 'kept' | 'nearest'> {
  if (keep === 'all') return { kept: cloneTree([...kept, x]), nearest: [] };
  if (keep !== 'nearest') return { kept: [], nearest: [] };
  const own = tf.tidy(() => {
    const next = candidate([tf.clone(x)], tf.tensor1d([residual]));
    const [before] = nearest;
    const { images, error } = before ? nearerFit(before, next) : next;
    return { images: [...images], error };
  });
  return { kept: [], nearest: [own] };
}

/** The state with one more sample; the caller owns it, and still what it gave. */
export function addSample(
  state: PosteriorState,
  x: Tensor4D,
  { values, rms, chiSquare = 0 }: Consistency,
  keep: PosteriorOptions['keep'],
): PosteriorState {
  const { mean, squares, count } = addToMoments({ ...state, mean: state.x }, x);
  const own = [values, values * rms ** 2, values * chiSquare];
  const fit = state.fit.map((sum, i) => sum + own[i]!);
  const held = keepSample(state, x, values * rms ** 2, keep);
  return { x: mean, squares, count, fit, ...held, failed: state.failed };
}

/** The state with one more sample that diverged. */
export const addFailure = (state: PosteriorState, index: number, step: number): PosteriorState => ({
  ...cloneTree(state),
  failed: [...state.failed, [index, step]],
});
