// What the worker needs of TensorFlow.js, in place of all of it: no layers, no WebGL, no reading of
// data sets. The build takes this file for '@tensorflow/tfjs'; browser-worker.ts imports the gradients.
export { loadGraphModel } from '@tensorflow/tfjs-converter';
export * from '@tensorflow/tfjs-core';
