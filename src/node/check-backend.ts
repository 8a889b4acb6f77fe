import * as tf from '@tensorflow/tfjs';

/**
 * Makes `name` the backend of TensorFlow.js, and rejects unless a small convolution and its gradient
 * come out right.
 */
export async function checkBackend(name: string): Promise<void> {
  if (!(await tf.setBackend(name))) throw new Error(`TensorFlow.js could not start '${name}'`);
  await tf.ready();
  const { value, grad } = tf.tidy(() => {
    const convolve = (x: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, filter(), 1, 'valid');
    return tf.valueAndGrad((x) => tf.sum(convolve(x)))(tf.ones([1, 3, 3, 2]));
  });
  const [[sum], slope] = await Promise.all([value.data(), grad.data()]);
  tf.dispose([value, grad]);
  if (sum !== 36) throw new Error(`a convolution gave ${sum} where 36 is right`);
  if (slope.some((one, i) => one !== weights[i]))
    throw new Error(`the gradient of a convolution gave ${slope} where ${weights} is right`);
}

/** Ones and threes, so that a filter read in the wrong order gives another sum. */
const weights = Array.from({ length: 18 }, (_, i) => 1 + 2 * (i % 2));

const filter = (): tf.Tensor4D => tf.tensor4d(weights, [3, 3, 2, 1]);
