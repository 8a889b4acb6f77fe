import * as tf from '@tensorflow/tfjs';
import { gaussianPrior, inpainting, randomMask, spgdSample } from 'spgd';

/** What a page would do: restore, and read a checkpoint that turns out to be none. */
export async function use() {
  await tf.setBackend('cpu');
  const operator = inpainting({ mask: randomMask({ height: 4, width: 4 }) });
  const measurement = operator.forward(tf.fill([1, 4, 4, 3], 0.5));
  const problem = { denoiser: gaussianPrior(), operator, measurement };
  const { sample } = await spgdSample({ ...problem, learningRate: 0.1 });
  const { convertCheckpoint } = await import('spgd/convert');
  const refused = await convertCheckpoint(new Uint8Array(64), { preset: 'ffhq256' }).catch(String);
  return { shape: sample.shape, refused };
}
