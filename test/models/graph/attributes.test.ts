import { expect, it } from 'vitest';
import { emitGraph } from '../../../src/models/graph/emit-graph';
import { programBuilder } from '../../../src/models/graph/program-builder';
import { parseAdmConfig } from '../../../src/models/networks/adm-config';
import { admUnet } from '../../../src/models/networks/adm-unet';
import { gainUnet } from '../../../src/models/networks/gain-unet';
import { tinySettings } from './filled-model';

// From the registry of TensorFlow 2.21: what an operation requires, then what it may have besides.
const typed = ['T', ''] as const;
const attributes: Readonly<Record<string, readonly [required: string, optional: string]>> = {
  AddV2: typed,
  AvgPool: ['ksize strides padding T', 'data_format'],
  BatchMatMulV2: ['T', 'adj_x adj_y grad_x grad_y'],
  ConcatV2: ['N T', 'Tidx'],
  Const: ['dtype', 'value'], // The value lies in the file of weights.
  Conv2D: ['T strides padding', 'use_cudnn_on_gpu explicit_paddings data_format dilations'],
  Cos: typed,
  DepthwiseConv2dNative: ['T strides padding', 'explicit_paddings data_format dilations'],
  GatherV2: ['Tparams Tindices Taxis', 'batch_dims'],
  Identity: typed,
  MatMul: ['T', 'transpose_a transpose_b grad_a grad_b'],
  MaxPool: ['ksize strides padding', 'T explicit_paddings data_format'],
  Maximum: typed,
  Mean: ['T', 'Tidx keep_dims'],
  Mul: typed,
  Pad: ['T', 'Tpaddings'],
  Placeholder: ['dtype', 'shape'],
  RealDiv: typed,
  Relu: typed,
  Reshape: ['T', 'Tshape'],
  ResizeNearestNeighbor: ['T', 'align_corners half_pixel_centers'],
  Rsqrt: typed,
  Sigmoid: typed,
  Sin: typed,
  Slice: ['T Index', ''],
  Softmax: typed,
  Sqrt: typed,
  Square: typed,
  Sub: typed,
  Sum: ['T', 'Tidx keep_dims'],
  Tanh: typed,
  Tile: ['T', 'Tmultiples'],
  Transpose: ['T', 'Tperm'],
};
const words = (text: string) => text.split(' ').filter(Boolean);

/** Layers that no U-Net below has. */
function otherLayers() {
  const builder = programBuilder();
  let h = builder.standardize('colours', { name: 'x', channels: 3 });
  h = builder.convTranspose2d('up', h, 4, { bias: true });
  h = builder.resize('down', builder.conv2d('c', h, 4, { stride: 2 }), 'down');
  h = builder.tanh('tanh', builder.relu('leaky', builder.relu('relu', h), 0.2));
  h = builder.maxPool('pool', h, { size: 2 });
  return builder.finish(builder.unitFeatures('unit', h, 'lin0')).program;
}

it('each node of a plain graph has the attributes that TensorFlow requires, and no others', () => {
  const inputs = { x: [16, 16, 3], t: [] };
  const adm = admUnet(parseAdmConfig({ ...tinySettings, class_cond: true }));
  const graphs = [
    emitGraph(adm.program, { ...inputs, label: [] }),
    emitGraph(gainUnet({ channels: [8, 12, 16], blocks: [1, 2, 2] }).program, inputs),
    emitGraph(otherLayers(), inputs),
  ];
  const nodes = graphs.flatMap(({ topology }) => topology.node);
  const faults = nodes.flatMap(({ name, op, attr }) => {
    const [required, optional] = attributes[op] ?? ['known', ''];
    const allowed = [...words(required), ...words(optional)];
    const missing = words(required).filter((key) => !(key in attr));
    const unknown = Object.keys(attr).filter((key) => !allowed.includes(key));
    return [...missing, ...unknown].map((key) => `${op} ${name}: ${key}`);
  });
  expect(faults).toEqual([]);
  expect(new Set(nodes.map(({ op }) => op)).size).toBeGreaterThan(25);
});
