import * as tf from '@tensorflow/tfjs';
import { gaussianPrior, identity, spgdSample } from 'spgd';
import { bundledPrior, useBackend } from 'spgd/node';
import { taskName, tasks } from 'spgd/tasks';

const { name } = await useBackend('auto');
const measurement = tf.fill([1, 4, 4, 3], 0.5);
const problem = { denoiser: gaussianPrior(), operator: identity(), measurement };
const { sample } = await spgdSample({ ...problem, learningRate: 0.1 });
if (tasks[taskName('hdr')].noiseStd !== 0.05) throw new Error('no task');
if (!Number.isFinite(tf.sum(sample).dataSync()[0])) throw new Error('no number');
console.log(`ESM: ${name}, ${sample.shape}, ${bundledPrior.startsWith('file://')}`);
