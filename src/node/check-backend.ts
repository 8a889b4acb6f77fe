import * as tf from '@tensorflow/tfjs';

/** Makes `name` the backend of TensorFlow.js, and rejects unless a small convolution comes out right. */
export async function checkBackend(name: string): Promise<void> {
  if (!(await tf.setBackend(name))) throw new Error(`TensorFlow.js could not start '${name}'`);
  await tf.ready();
  const sum = tf.tidy(() => tf.conv2d(tf.ones<tf.Rank.R4>([1, 3, 3, 2]), filter(), 1, 'valid'));
  const [value] = await sum.data();
  sum.dispose();
  if (value !== 36) throw new Error(`a convolution gave ${value} where 36 is right`);
}

/** Ones and threes, so that a filter read in the wrong order gives another sum. */
const filter = (): tf.Tensor4D =>
  tf.tensor4d(
    Array.from({ length: 18 }, (_, i) => 1 + 2 * (i % 2)),
    [3, 3, 2, 1],
  );
