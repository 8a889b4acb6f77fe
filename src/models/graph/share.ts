import type { Tensor } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';

/** Another tensor on the same values. `tf.clone` copies them on WebAssembly; `tf.reshape` does not. */
export const share = <T extends Tensor>(x: T): T =>
  (tf.getBackend() === 'wasm' ? tf.reshape(x, x.shape) : tf.clone(x)) as T;
