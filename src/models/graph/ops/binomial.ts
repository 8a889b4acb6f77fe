import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { GraphOp } from '../op';

const row = [1, 2, 1];
const taps = row.flatMap((a) => row.map((b) => (a * b) / 16));

/** One filter for each channel, `[3, 3, channels, 1]`. */
const filterOf = (channels: number): number[] => taps.flatMap((tap) => Array(channels).fill(tap));

const ones = { list: { i: ['1', '1', '1', '1'] } };

const smooth = (x: Tensor4D, pad: 'same' | 'valid'): Tensor4D => {
  const channels = x.shape[3];
  const filter = tf.tensor4d(filterOf(channels), [3, 3, channels, 1]);
  return tf.depthwiseConv2d(x, filter, 1, pad);
};

const isValid = (attributes: Readonly<Record<string, number>> | undefined): boolean =>
  attributes?.padding === 0;

/**
 * The weights 1, 2, 1 of a quarter in both directions, with zeros around the image; with
 * `attributes.padding` 0 without them, two rows and columns smaller. Then the mean of each 2 x 2 square
 * is the half size by the filter 1, 3, 3, 1; after each pixel twice, it is the double size.
 */
export const binomial: GraphOp = {
  emit({ name, inputs, attributes }, graph) {
    const [height, width, channels] = graph.shapeOf(inputs[0]!) as [number, number, number];
    const filter = graph.floats(`${name}/filter`, filterOf(channels), [3, 3, channels, 1]);
    const valid = isValid(attributes);
    graph.node(name, 'DepthwiseConv2dNative', [inputs[0]!, filter], {
      strides: ones,
      dilations: ones,
      padding: { s: btoa(valid ? 'VALID' : 'SAME') },
      data_format: { s: btoa('NHWC') },
    });
    const lost = valid ? 2 : 0;
    graph.setShape(name, [height - lost, width - lost, channels]);
  },
  forward: ({ attributes }, [x]) => ({
    output: smooth(x as Tensor4D, isValid(attributes) ? 'valid' : 'same'),
  }),
  // The filter is symmetric: its transpose is itself, with zeros where there was no border.
  backward({ attributes }, dy) {
    if (!isValid(attributes)) return [smooth(dy as Tensor4D, 'same')];
    const sides: [number, number] = [1, 1];
    return [smooth(tf.pad(dy as Tensor4D, [[0, 0], sides, sides, [0, 0]]), 'same')];
  },
};
