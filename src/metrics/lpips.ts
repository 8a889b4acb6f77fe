import type { io, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkRange } from '../internal/check';
import type { Program } from '../models/graph/layer';
import { type LpipsNet, lpipsNets, smallestSize } from '../models/networks/lpips-nets';
import { checkArchitecture, readModel, type StoredModel } from '../models/read-model';
import { checkImage, checkSameShape } from '../operators/check-image';

/** Options of `loadLpips`. */
export interface LoadLpipsOptions {
  /**
   * Averages where VGG-16 takes the largest of four, as the evaluation of DAPS and SPGD does (piq's
   * `LPIPS(replace_pooling=True)`). For `vgg` only.
   * @default false
   */
  replacePooling?: boolean;
  /** Called with the progress of the download, from 0 to 1, if the source reports it. */
  onProgress?: (fraction: number) => void;
}

/** A perceptual distance. */
export interface Lpips {
  /**
   * The distance of two batches `[batch, height, width, 3]`, values in [-1, 1], one number an item;
   * differentiable in both. Throws `RangeError` for two shapes that differ, other channels and images
   * too small for the network.
   */
  (a: Tensor4D, b: Tensor4D): Tensor1D;
  /** The network whose features are compared. */
  readonly net: LpipsNet;
  /** Frees the weights. */
  dispose(): void;
}

const owner = 'loadLpips';
const remedy = 'convert the checkpoints by convertLpips';

const averaged = ({ blocks, output }: Program): Program => ({
  blocks: blocks.map((block) =>
    block.map((layer) => (layer.op === 'maxPool' ? { ...layer, op: 'downsample' } : layer)),
  ),
  output,
});

function netOf({ name, metadata }: StoredModel): LpipsNet {
  const net = metadata?.config?.net as LpipsNet;
  checkRange(lpipsNets.includes(net), name, 'config.net', `one of ${lpipsNets.join(', ')}`, net);
  return net;
}

/** Sums of squares of rows, piece by piece: one sum over a whole image would round. */
function rowNorms(rows: Tensor2D): Tensor1D {
  const [batch, length] = rows.shape;
  const piece = 1024;
  const whole = tf.pad(tf.square(rows), [
    [0, 0],
    [0, Math.ceil(length / piece) * piece - length],
  ]);
  return tf.sum(tf.sum(tf.reshape(whole, [batch, -1, piece]), 2), 1);
}

/**
 * Loads LPIPS, a distance between images that follows human judgement: the features of a network,
 * of unit length at each pixel, their squared differences weighted by channel, averaged over pixels
 * and summed over layers.
 *
 * `source` is the address of a `model.json` that `convertLpips` wrote, or a `tf.io` handler. Images
 * are clipped to [-1, 1]; 0 for equal ones. Throws `TypeError` for another model.
 *
 * Reference: Zhang et al., The unreasonable effectiveness of deep features as a perceptual metric,
 * 2018; as `lpips.LPIPS(net, version='0.1')`.
 */
export async function loadLpips(
  source: string | io.IOHandler,
  { replacePooling = false, onProgress }: LoadLpipsOptions = {},
): Promise<Lpips> {
  const model = await readModel(owner, source, onProgress);
  checkArchitecture(model, 'lpips', remedy);
  const net = netOf(model);
  const fits = !replacePooling || net === 'vgg';
  checkRange(fits, owner, 'replacePooling', `left out for ${net}`, replacePooling);
  const { programOf } = await import('../models/program-of');
  const features = programOf(model, {
    owner,
    inputs: { x: 'image' },
    output: 'features',
    ...(replacePooling ? { change: averaged } : {}),
  });
  const least = smallestSize[net];
  const measure = (a: Tensor4D, b: Tensor4D): Tensor1D => {
    checkImage('lpips', 'a', a);
    checkSameShape('lpips', 'b', b, a);
    const [, height, width, channels] = a.shape;
    const fits = height >= least && width >= least && channels === 3;
    const rule = `[batch, height, width, 3] with height and width >= ${least}`;
    checkRange(fits, 'lpips', 'a.shape', rule, a.shape);
    return tf.tidy(() => {
      const both = tf.clipByValue(tf.concat([a, b], 0), -1, 1);
      const [left, right] = tf.split(features(both) as Tensor2D, 2) as [Tensor2D, Tensor2D];
      return rowNorms(tf.sub(left, right));
    });
  };
  return Object.assign(measure, { net, dispose: features.dispose });
}
