import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { GraphBuilder } from '../graph-builder';
import { fused } from '../hooks';
import type { Layer } from '../layer';
import type { GraphOp, LayerWeights } from '../op';
import { share } from '../share';
import { channelMeans, meansOf } from './channel-means';
import { siluGradient } from './silu';

const usualEpsilon = 1e-5;

const epsilonOf = ({ attributes }: Layer): number => attributes?.epsilon ?? usualEpsilon;

/** The mean over the channels of each group, given back to each channel: `[batch, 1, 1, channels]`. */
function groupMeans(means: Tensor4D, groups: number): Tensor4D {
  const [batch, , , channels] = means.shape;
  if (groups === channels) return means;
  const size = channels / groups;
  const ofGroup = tf.mean(tf.reshape(means, [batch, groups, size]), 2, true);
  return tf.reshape(tf.tile(ofGroup, [1, 1, size]), [batch, 1, 1, channels]);
}

/** Gain and offset of the affine map after the normalisation, `[channels]` or by item. */
function affine(inputs: readonly Tensor[], weights: LayerWeights): [Tensor, Tensor] {
  const gamma = weights.get('gamma');
  const beta = weights.get('beta');
  if (inputs.length === 1) return [gamma, beta];
  const halves = tf.split(inputs[1] as Tensor2D, 2, 1);
  const [scale, shift] = halves.map((half) => tf.reshape(half, [half.shape[0]!, 1, 1, -1]));
  const gain = tf.add(scale!, 1);
  return [tf.mul(gamma, gain), tf.add(tf.mul(beta, gain), shift!)];
}

/** Mean and reciprocal standard deviation of each group, as `[batch, 1, 1, channels]`. */
function moments(x: Tensor4D, groups: number, epsilon: number): [Tensor4D, Tensor4D] {
  const mean = groupMeans(channelMeans(x), groups);
  const squares = meansOf([x], (part) => tf.square(tf.sub<Tensor4D>(part, mean)));
  return [mean, tf.rsqrt(tf.add<Tensor4D>(groupMeans(squares, groups), epsilon))];
}

const withSilu = (layer: Layer) => layer.attributes?.silu === 1;

/** Plain nodes of the normalisation alone. */
function emitNormalized(layer: Layer, graph: GraphBuilder): string {
  const { name, inputs, attributes } = layer;
  const [height, width, channels] = graph.shapeOf(inputs[0]!) as [number, number, number];
  const groups = attributes!.groups!;
  const part = (suffix: string) => `${name}/${suffix}`;
  const grouped = graph.integers([-1, height * width, groups, channels / groups]);
  const mean = (suffix: string, of: string) =>
    graph.node(part(suffix), 'Mean', [of, graph.integers([1, 3])], { keep_dims: { b: true } });
  const x = graph.node(part('grouped'), 'Reshape', [inputs[0]!, grouped]);
  const centred = graph.node(part('centred'), 'Sub', [x, mean('mean', x)]);
  const variance = mean('variance', graph.node(part('square'), 'Square', [centred]));
  const safe = graph.node(part('safe'), 'AddV2', [
    variance,
    graph.floats(part('eps'), [epsilonOf(layer)]),
  ]);
  const scaled = graph.node(part('scaled'), 'Mul', [
    centred,
    graph.node(part('rsqrt'), 'Rsqrt', [safe]),
  ]);
  return graph.node(part('normalized'), 'Reshape', [
    scaled,
    graph.integers([-1, height, width, channels]),
  ]);
}

/** Plain nodes of `x (1 + scale) + shift`, with both halves taken from one vector. */
function emitScaleShift(x: string, { name, inputs }: Layer, graph: GraphBuilder): string {
  const channels = graph.shapeOf(inputs[0]!)[2]!;
  const half = (suffix: string, from: number) => {
    const begin = graph.integers([0, from]);
    const size = graph.integers([-1, channels]);
    const slice = graph.node(`${name}/${suffix}_slice`, 'Slice', [inputs[1]!, begin, size]);
    const wide = graph.integers([-1, 1, 1, channels]);
    return graph.node(`${name}/${suffix}`, 'Reshape', [slice, wide]);
  };
  const one = graph.floats(`${name}/one`, [1]);
  const gain = graph.node(`${name}/gain`, 'AddV2', [half('scale', 0), one]);
  const product = graph.node(`${name}/modulated`, 'Mul', [x, gain]);
  return graph.node(`${name}/shifted`, 'AddV2', [product, half('shift', channels)]);
}

/**
 * Group normalisation, then `(1 + scale) · + shift` when a vector `[batch, 2 channels]` is given,
 * then SiLU when `attributes.silu` is 1; `attributes.epsilon` (1e-5) is added to the variance. One saved map; the gradient is analytic.
 */
export const groupNorm: GraphOp = {
  emit(layer, graph) {
    const { name, inputs, weights } = layer;
    const part = (suffix: string) => `${name}/${suffix}`;
    const normalized = emitNormalized(layer, graph);
    const gamma = graph.weight(weights!.gamma!);
    const gained = graph.node(part('gamma'), 'Mul', [normalized, gamma]);
    let value = graph.node(part('beta'), 'AddV2', [gained, graph.weight(weights!.beta!)]);
    if (inputs.length === 2) value = emitScaleShift(value, layer, graph);
    if (withSilu(layer)) {
      graph.node(name, 'Mul', [value, graph.node(part('sigmoid'), 'Sigmoid', [value])]);
    } else {
      graph.node(name, 'Identity', [value]);
    }
    graph.setShape(name, graph.shapeOf(inputs[0]!));
  },
  forward(layer, inputs, weights) {
    const x = inputs[0] as Tensor4D;
    const [mean, rstd] = moments(x, layer.attributes!.groups!, epsilonOf(layer));
    const [gamma, beta] = affine(inputs, weights);
    const gain = tf.mul(rstd, gamma);
    const offset = tf.sub(beta, tf.mul(mean, gain));
    const output = fused(x, () => {
      const u = tf.tidy(() => tf.add(tf.mul(x, gain), offset));
      return withSilu(layer) ? tf.mul(u, tf.sigmoid(u)) : u;
    });
    return { output, saved: [share(x), mean, rstd, gain, offset] };
  },
  // Each tidy ends the life of maps as large as x, of which there would be a dozen at once.
  backward(layer, dy, [x, mean, rstd, gain, offset]) {
    const du = withSilu(layer)
      ? fused(dy, () =>
          siluGradient(
            tf.tidy(() => tf.add(tf.mul(x!, gain!), offset!)),
            dy,
          ),
        )
      : dy;
    const groupMean = (means: Tensor) => groupMeans(means as Tensor4D, layer.attributes!.groups!);
    // gain du is the gradient in the normalised value, times rstd.
    const sum = channelMeans(du as Tensor4D);
    const product = meansOf([du as Tensor4D, x as Tensor4D], tf.mul);
    const first = groupMean(tf.mul(gain!, sum));
    const second = groupMean(tf.mul(gain!, tf.sub(product, tf.mul(mean!, sum))));
    const slope = tf.mul(tf.square(rstd!), second);
    const constant = tf.sub(tf.mul(mean!, slope), first);
    return [
      fused(du, () => {
        const scaled = tf.tidy(() => tf.sub(tf.mul(du, gain!), tf.mul(x!, slope)));
        return tf.add(scaled, constant);
      }),
    ];
  },
};
