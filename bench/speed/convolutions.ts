import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { graphBuilder } from '../../src/models/graph/graph-builder';
import { ops } from '../../src/models/graph/ops';
import { madeUp, type Subject } from './networks';

/** One convolution of a network: the image it takes and its filter. */
interface Convolution {
  readonly input: readonly [height: number, width: number, channels: number];
  readonly filter: readonly [number, number, number, number];
}

/** The convolutions of a network at a size, in the order they run. */
export function convolutionsOf(subject: Subject, side: number): Convolution[] {
  const { program, weights } = subject;
  const shapes = new Map(weights.map(({ name, shape }) => [name, shape]));
  const graph = graphBuilder();
  graph.placeholder('x', [side, side, 3]);
  graph.placeholder('t', []);
  return program.blocks.flat().flatMap((layer) => {
    ops[layer.op].emit(layer, graph);
    if (layer.op !== 'conv2d') return [];
    const input = graph.shapeOf(layer.inputs[0]!) as Convolution['input'];
    return [{ input, filter: shapes.get(layer.weights!.filter!) as Convolution['filter'] }];
  });
}

/** Multiplications and additions of all of them, once forward. */
export const flopsOf = (all: readonly Convolution[]): number =>
  all.reduce(
    (sum, { input: [height, width], filter }) =>
      sum + 2 * height * width * tf.util.sizeFromShape([...filter]),
    0,
  );

interface Prepared {
  readonly x: Tensor4D;
  readonly dy: Tensor4D;
  readonly filter: Tensor4D;
  /** Turned round, its channels swapped: a gradient as a forward convolution. */
  readonly turned: Tensor4D;
}

/**
 * The convolutions alone, without bias, normalisation or memory: forward, and in the input by the
 * faster of the two kernels. No network of them can be faster on this backend.
 */
export function floorOf(subject: Subject, side: number, batch: number) {
  const images = new Map<string, Tensor4D>();
  const image = (shape: [number, number, number]): Tensor4D => {
    const key = shape.join();
    const known = images.get(key) ?? tf.randomUniform<tf.Rank.R4>([batch, ...shape], -1, 1);
    images.set(key, known);
    return known;
  };
  const all = convolutionsOf(subject, side).map(({ input, filter }): Prepared => {
    const [height, width] = input;
    const weight = madeUp(filter) as Tensor4D;
    const turned = tf.tidy(() => tf.transpose(tf.reverse(weight, [0, 1]), [0, 1, 3, 2]));
    return { x: image([...input]), dy: image([height, width, filter[3]]), filter: weight, turned };
  });
  const forward = ({ x, filter }: Prepared) => tf.conv2d(x, filter, 1, 'same');
  const flipped = ({ dy, turned }: Prepared) => tf.conv2d(dy, turned, 1, 'same');
  const transposed = ({ x, dy, filter }: Prepared) =>
    tf.conv2dTranspose(dy, filter, x.shape, 1, 'same');
  const over = (run: (one: Prepared) => Tensor4D) => (): Tensor4D =>
    all.slice(1).reduce((last, one) => {
      last.dispose();
      return run(one);
    }, run(all[0]!));
  return { forward: over(forward), flipped: over(flipped), transposed: over(transposed) };
}
