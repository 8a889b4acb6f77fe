import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { LayerWeights } from './op';

/** Convolutions with fewer channels, at the ends of a network, cost little and matter most: float32. */
const fewest = 16;

/** Whether the convolution of a layer computes in bfloat16. */
export const isInBfloat16 = (weights: LayerWeights): boolean =>
  weights.precision === 'bfloat16' && Math.min(...weights.get('filter').shape.slice(2)) >= fewest;

/** TensorFlow's numbers of types; TensorFlow.js does not know the second. */
const [float32, bfloat16] = [1, 14];

interface NativeTensor {
  readonly id: number;
  readonly shape: number[];
}

/** The part of tfjs-node below its public API that can run operations in any type. */
interface NativeBackend {
  readonly binding: Readonly<Record<`TF_ATTR_${string}`, number>> & {
    executeOp(name: string, attributes: object[], ids: number[], outputs: 1): [NativeTensor];
  };
  readonly tensorMap: { set(dataId: object, tensor: object): void };
  getInputTensorIds(tensors: Tensor[]): number[];
  createOutputTensor(tensor: NativeTensor): Tensor;
}

const native = () => tf.backend() as unknown as NativeBackend;

type Attributes = Readonly<Record<string, readonly [type: string, value: unknown]>>;

function execute(name: string, inputs: Tensor[], attributes: Attributes): NativeTensor {
  const { binding } = native();
  const typed = Object.entries(attributes).map(([key, [type, value]]) => {
    return { name: key, type: binding[`TF_ATTR_${type}`], value };
  });
  return binding.executeOp(name, typed, native().getInputTensorIds(inputs), 1)[0];
}

const cast = (tensor: Tensor, from: number, to: number): NativeTensor =>
  execute('Cast', [tensor], {
    SrcT: ['TYPE', from],
    DstT: ['TYPE', to],
    Truncate: ['BOOL', false],
  });

/** A bfloat16 tensor, which TensorFlow.js takes for any other: only these operations may read it. */
function tracked({ id, shape }: NativeTensor): Tensor {
  const dataId = {};
  native().tensorMap.set(dataId, { shape, dtype: bfloat16, id, values: null, refCount: 1 });
  return tf.engine().makeTensorFromTensorInfo({ dataId, shape, dtype: 'float32' });
}

const narrow = (tensor: Tensor): Tensor => tracked(cast(tensor, float32, bfloat16));

/**
 * The convolution of x by the filter of a layer, in bfloat16, from and to float32; with `shape`, the
 * gradient in an input of that shape.
 */
export const conv2dBfloat16 = (
  x: Tensor4D,
  weights: LayerWeights,
  { stride, pad }: { stride: number; pad: 'same' | 'valid' },
  shape?: readonly number[],
): Tensor4D =>
  tf.tidy(() => {
    const filter = weights.derived('bfloat16', () => narrow(weights.get('filter')));
    const inputs = shape
      ? [tf.tensor1d([...shape], 'int32'), filter, narrow(x)]
      : [narrow(x), filter];
    const result = execute(shape ? 'Conv2DBackpropInput' : 'Conv2D', inputs, {
      T: ['TYPE', bfloat16],
      strides: ['INT', [1, stride, stride, 1]],
      padding: ['STRING', pad.toUpperCase()],
      data_format: ['STRING', 'NHWC'],
      use_cudnn_on_gpu: ['BOOL', true],
      dilations: ['INT', [1, 1, 1, 1]],
    });
    return native().createOutputTensor(cast(tracked(result), bfloat16, float32)) as Tensor4D;
  });

/**
 * Whether convolutions take less time in bfloat16 than in float32, by a few of each: on a processor without
 * instructions for it they take longer.
 */
export const bfloat16IsFaster = (now = () => performance.now()): boolean =>
  tf.tidy(() => {
    const x = tf.ones<tf.Rank.R4>([1, 32, 32, 64]);
    const filter = tf.ones<tf.Rank.R4>([3, 3, 64, 64]);
    const narrowed = narrow(filter);
    const weights: LayerWeights = {
      precision: 'bfloat16',
      modelBytes: 0,
      get: () => filter,
      derived: () => narrowed,
    };
    const fastest = (run: () => Tensor): number => {
      const seconds = Array.from({ length: 4 }, () => {
        const started = now();
        run().dispose();
        return now() - started;
      });
      return Math.min(...seconds.slice(1));
    };
    const wide = fastest(() => tf.conv2d(x, filter, 1, 'same'));
    return fastest(() => conv2dBfloat16(x, weights, { stride: 1, pad: 'same' })) < wide;
  });
