import type { Tensor4D } from '@tensorflow/tfjs';
import type { GraphOp } from '../op';
import { shuffle, unshuffle } from './pixel-shuffle';

/**
 * Half the height and width, both even, to four times the channels: channel c at row a, column b of
 * a square of 2 x 2 becomes channel `(2 a + b) channels + c`. The inverse of `pixelShuffle`.
 */
export const pixelUnshuffle: GraphOp = {
  emit({ name, inputs }, graph) {
    const [height, width, channels] = graph.shapeOf(inputs[0]!) as [number, number, number];
    const shape = [height / 2, width / 2, 4 * channels];
    const flat = graph.integers([-1, 2, width * channels]);
    const rows = graph.node(`${name}/rows`, 'Reshape', [inputs[0]!, flat]);
    const halves = [0, 1].map((a) => {
      const begin = graph.integers([0, a, 0]);
      const size = graph.integers([-1, 1, width * channels]);
      const row = graph.node(`${name}/row${a}`, 'Slice', [rows, begin, size]);
      const half = graph.integers([-1, height / 2, width / 2, 2 * channels]);
      return graph.node(`${name}/half${a}`, 'Reshape', [row, half]);
    });
    graph.node(name, 'ConcatV2', [...halves, graph.integers([3], [])], {
      N: { i: '2' },
    });
    graph.setShape(name, shape);
  },
  forward: (_layer, [x]) => ({ output: unshuffle(x as Tensor4D) }),
  backward: (_layer, dy) => [shuffle(dy as Tensor4D)],
};
