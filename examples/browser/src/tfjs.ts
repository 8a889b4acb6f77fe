// What the page needs of TensorFlow.js, in the place of all of it (see vite.config.ts): no layers, no
// WebGL, no reading of data sets. The gradients are imported by worker.ts.
export { loadGraphModel } from '@tensorflow/tfjs-converter';
export * from '@tensorflow/tfjs-core';
