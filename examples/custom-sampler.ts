import * as tf from '@tensorflow/tfjs';
import {
  edmSchedule,
  gaussianPrior,
  likelihoodGradient,
  type Sampler,
  sample,
  superResolution,
} from 'spgd';

function guidedFlow({ weight = 1 } = {}): Sampler {
  if (!(weight > 0)) throw new RangeError(`guidedFlow: weight must be a number > 0, got ${weight}`);
  return {
    name: 'guidedFlow',
    differentiates: true,
    remedy: 'lower weight',
    init: (_problem, run) => ({ x: run.initial() }),
    step: ({ x }, problem, { sigma, sigmaNext }) => {
      const { denoised, gradient, error } = likelihoodGradient(problem, x, sigma);
      const next = tf.tidy(() => {
        const slope = tf.div(tf.sub(x, denoised), sigma);
        const moved = tf.add(x, tf.mul(slope, sigmaNext - sigma));
        return tf.sub<tf.Tensor4D>(moved, tf.mul(gradient, weight));
      });
      gradient.dispose();
      return { state: { x: next }, denoised, error };
    },
  };
}

const problem = {
  denoiser: gaussianPrior({ std: 0.5 }), // a toy prior, to be fast
  operator: superResolution({ scale: 4 }),
  measurement: tf.zeros<tf.Rank.R4>([1, 8, 8, 3]),
};
const schedule = edmSchedule({ steps: 20 });
const { sample: image } = await sample(guidedFlow({ weight: 0.5 }), problem, { schedule, seed: 1 });
console.log(image.shape); // [1, 32, 32, 3]
