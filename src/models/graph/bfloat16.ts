import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkRange } from '../../internal/check';
import type { Program } from './layer';
import type { LayerWeights } from './op';

/** TensorFlow's number for bfloat16, which TensorFlow.js has no name for. */
const bfloat16 = 14;

/** Narrower convolutions, at the ends of a network, cost little and count most: float32. */
const narrowest = 16;

/** What native TensorFlow takes and gives, past the types that TensorFlow.js knows. */
interface NativeBinding {
  readonly TF_FLOAT: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_STRING: number;
  executeOp(
    name: string,
    attributes: readonly { name: string; type: number; value: unknown }[],
    inputs: readonly number[],
    outputs: number,
  ): readonly { id: number; shape: number[]; dtype: number }[];
  deleteTensor(id: number): void;
}

interface NativeBackend {
  readonly binding: NativeBinding;
  readonly tensorMap: { set(dataId: object, value: object): void };
  getInputTensorIds(tensors: readonly Tensor[]): number[];
  createOutputTensor(metadata: object): Tensor;
}

const native = () => tf.backend() as unknown as NativeBackend;

/** What the convolutions of a network compute in. */
export type Precision = 'float32' | 'bfloat16';

/** Refuses a precision that the backend lacks. */
export function checkPrecision(owner: string, precision: Precision): void {
  checkRange(
    ['float32', 'bfloat16'].includes(precision),
    owner,
    'precision',
    'float32 or bfloat16',
    precision,
  );
  const name = tf.getBackend();
  const rule = `float32 on the backend ${name}: only native TensorFlow has bfloat16`;
  checkRange(precision === 'float32' || name === 'tensorflow', owner, 'precision', rule, precision);
}

/** A program whose convolutions compute in bfloat16, from and to float32. */
export const inBfloat16 = (program: Program): Program => ({
  ...program,
  blocks: program.blocks.map((block) =>
    block.map((layer) =>
      layer.op === 'conv2d'
        ? { ...layer, attributes: { ...layer.attributes, bfloat16: 1 } }
        : layer,
    ),
  ),
});

/** Whether a convolution of this filter computes in bfloat16. */
export const isInBfloat16 = (asked: number | undefined, filter: Tensor4D): boolean =>
  asked === 1 &&
  tf.getBackend() === 'tensorflow' &&
  Math.min(...filter.shape.slice(2)) >= narrowest;

function cast(id: number, from: number, to: number) {
  const { binding } = native();
  const type = (name: string, value: number) => ({ name, type: binding.TF_ATTR_TYPE, value });
  const truncate = { name: 'Truncate', type: binding.TF_ATTR_BOOL, value: false };
  return binding.executeOp('Cast', [type('SrcT', from), type('DstT', to), truncate], [id], 1)[0]!;
}

/** The filter in bfloat16: to TensorFlow.js a tensor like any other, that only these operations read. */
function narrowed(weights: LayerWeights): Tensor {
  return weights.derived('bfloat16', () => {
    const { tensorMap, getInputTensorIds, binding } = native();
    const filter = weights.get('filter');
    const [whole] = getInputTensorIds.call(native(), [filter]);
    const { id, shape } = cast(whole!, binding.TF_FLOAT, bfloat16);
    const dataId = {};
    tensorMap.set(dataId, { shape, dtype: bfloat16, id, values: null, refCount: 1 });
    return tf.engine().makeTensorFromTensorInfo({ dataId, shape, dtype: 'float32' });
  });
}

/** How a convolution moves. */
interface Movement {
  readonly stride: number;
  readonly pad: 'same' | 'valid';
}

/** Runs an operation on a float32 tensor and the filter, both in bfloat16; the result is float32. */
function convolved(
  name: 'Conv2D' | 'Conv2DBackpropInput',
  x: Tensor4D,
  weights: LayerWeights,
  { stride, pad }: Movement,
  sizes?: Tensor,
): Tensor4D {
  const backend = native();
  const { binding } = backend;
  const attributes = [
    { name: 'T', type: binding.TF_ATTR_TYPE, value: bfloat16 },
    { name: 'strides', type: binding.TF_ATTR_INT, value: [1, stride, stride, 1] },
    { name: 'padding', type: binding.TF_ATTR_STRING, value: pad.toUpperCase() },
    { name: 'data_format', type: binding.TF_ATTR_STRING, value: 'NHWC' },
    { name: 'use_cudnn_on_gpu', type: binding.TF_ATTR_BOOL, value: true },
    { name: 'dilations', type: binding.TF_ATTR_INT, value: [1, 1, 1, 1] },
  ];
  const [image, filter] = backend.getInputTensorIds([x, narrowed(weights)]) as [number, number];
  const before = sizes ? backend.getInputTensorIds([sizes]) : [];
  const narrow = cast(image, binding.TF_FLOAT, bfloat16).id;
  const inputs = sizes ? [...before, filter, narrow] : [narrow, filter];
  try {
    const result = binding.executeOp(name, attributes, inputs, 1)[0]!.id;
    const wide = cast(result, bfloat16, binding.TF_FLOAT);
    binding.deleteTensor(result);
    return backend.createOutputTensor(wide) as Tensor4D;
  } finally {
    binding.deleteTensor(narrow);
  }
}

/** `tf.conv2d` in bfloat16. */
export const conv2dBfloat16 = (x: Tensor4D, weights: LayerWeights, movement: Movement): Tensor4D =>
  convolved('Conv2D', x, weights, movement);

/** `tf.conv2dTranspose` in bfloat16: the gradient in an input of this shape. */
export const conv2dTransposeBfloat16 = (
  dy: Tensor4D,
  weights: LayerWeights,
  shape: readonly number[],
  movement: Movement,
): Tensor4D =>
  tf.tidy(() =>
    convolved('Conv2DBackpropInput', dy, weights, movement, tf.tensor1d([...shape], 'int32')),
  );
