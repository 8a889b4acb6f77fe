// What the page needs of TensorFlow.js, in the place of all of it (see vite.config.ts): no layers, no
// WebGL, no reading of data sets.
import '@tensorflow/tfjs-core/dist/register_all_gradients';

export { loadGraphModel } from '@tensorflow/tfjs-converter';
export * from '@tensorflow/tfjs-core';
