import type { io } from '@tensorflow/tfjs';
import { checkRange } from '../internal/check';
import { type ByteInput, byteSource } from './checkpoint/byte-source';
import type { Checkpoint } from './checkpoint/checkpoint';
import { readCheckpoint } from './checkpoint/read-checkpoint';
import { takeWeight } from './checkpoint/take-weight';
import { toFloat16 } from './float16';
import { type AdmConfig, type AdmSettings, parseAdmSettings, presets } from './graph/adm-config';
import { type Architecture, admUnet } from './graph/adm-unet';
import { emitGraph } from './graph/emit-graph';
import type { WeightData } from './graph/graph-builder';
import type { ModelMetadata } from './model-metadata';

/** Options of `convertCheckpoint`. */
export interface ConvertOptions {
  /** The name of a network whose settings are known. */
  preset?: 'ffhq256' | 'imagenet256';
  /**
   * Settings in guided-diffusion's own keys (`image_size`, `num_channels`, `channel_mult`, …).
   * Without preset and config they are taken from the metadata of a safetensors file.
   */
  config?: Readonly<Record<string, unknown>>;
  /**
   * How convolution filters and matrices are stored; vectors stay float32.
   * @default 'float32'
   */
  dtype?: 'float32' | 'float16';
  /**
   * Height and width the plain graph is written for; `loadDenoiser` takes any other as well.
   * @default the image size of the settings
   */
  size?: readonly [height: number, width: number];
  /** What errors call the file. */
  name?: string;
}

const owner = 'convertCheckpoint';

/**
 * Turns a PyTorch checkpoint (`.pt`, `.pth`, `.safetensors`) of an ADM / guided-diffusion U-Net
 * into a TensorFlow.js graph model `F(x, t)`. Nothing in the file is executed.
 *
 * The artifacts can go to any `tf.io` save handler; `tf.loadGraphModel` runs them as they are.
 *
 * @throws RangeError where settings and checkpoint do not fit, naming the key.
 */
export async function convertCheckpoint(
  source: ByteInput,
  { preset, config, dtype = 'float32', size, name }: ConvertOptions = {},
): Promise<io.ModelArtifacts> {
  checkRange(['float32', 'float16'].includes(dtype), owner, 'dtype', 'float32 or float16', dtype);
  const bytes = byteSource(source, name);
  const checkpoint = await readCheckpoint(bytes);
  const settings = chooseSettings(checkpoint, bytes.name, preset, config);
  const resolved = parseAdmSettings(network(settings));
  const architecture = admUnet(resolved);
  const target = checkSize(size ?? [resolved.imageSize, resolved.imageSize], architecture);
  checkNames(checkpoint, architecture, bytes.name);

  const { topology, signature, constants } = emitGraph(architecture.program, {
    size: target,
    inChannels: resolved.inChannels,
  });
  const weights: WeightData[] = [...constants];
  for (const spec of architecture.weights) {
    const data = await takeWeight(checkpoint, spec, bytes.name);
    weights.push({ name: spec.name, shape: spec.shape, dtype: 'float32', data });
  }
  const metadata: ModelMetadata = {
    version: 1,
    architecture: 'adm',
    settings: network(settings) as ModelMetadata['settings'],
    size: target,
    inChannels: resolved.inChannels,
    outChannels: architecture.outChannels,
    multipleOf: architecture.multipleOf,
    classes: resolved.classes,
    preconditioning: preconditioningOf(settings),
    dtype,
    parameterCount: countParameters(architecture),
    program: architecture.program,
  };
  return {
    format: 'graph-model',
    generatedBy: 'spgd',
    convertedBy: null,
    modelTopology: topology,
    signature,
    userDefinedMetadata: { spgd: metadata },
    ...encode(weights, dtype),
  };
}

const noiseKeys = ['preconditioning', 'beta_d', 'beta_min', 'training'];

/** The settings that describe the network itself. */
const network = (settings: AdmSettings): AdmSettings =>
  Object.fromEntries(Object.entries(settings).filter(([key]) => !noiseKeys.includes(key)));

function chooseSettings(
  checkpoint: Checkpoint,
  file: string,
  preset: ConvertOptions['preset'],
  config: ConvertOptions['config'],
): AdmSettings {
  const both = preset !== undefined && config !== undefined;
  checkRange(!both, owner, 'preset', 'left out where config is given', preset);
  if (preset !== undefined) {
    const names = Object.keys(presets);
    checkRange(names.includes(preset), owner, 'preset', `one of ${names.join(', ')}`, preset);
    return presets[preset];
  }
  if (config !== undefined) return config;
  if ('image_size' in checkpoint.metadata) return checkpoint.metadata;
  throw new RangeError(`${owner}: ${file} does not say its settings: give preset or config`);
}

function preconditioningOf(settings: AdmSettings): ModelMetadata['preconditioning'] {
  const { preconditioning: name = 'vp', beta_d: betaD = 19.9, beta_min: betaMin = 0.1 } = settings;
  checkRange(name === 'vp', owner, 'preconditioning', "'vp'", name);
  return { name: 'vp', betaD: Number(betaD), betaMin: Number(betaMin) };
}

function checkSize(size: readonly [number, number], { multipleOf }: Architecture) {
  const divides = size.every(
    (side) => Number.isInteger(side) && side > 0 && side % multipleOf === 0,
  );
  checkRange(divides, owner, 'size', `height and width that divide by ${multipleOf}`, size);
  return size;
}

/** Names that only one side knows are the sign of wrong settings: all are told at once. */
function checkNames({ tensors }: Checkpoint, { weights }: Architecture, file: string): void {
  const wanted = new Set(weights.map(({ name }) => name));
  const missing = [...wanted].filter((name) => !tensors.has(name));
  const extra = [...tensors.keys()].filter((name) => !wanted.has(name));
  if (missing.length + extra.length === 0) return;
  const list = (names: string[]) =>
    `${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`;
  const parts = [
    ...(missing.length > 0 ? [`lacks ${list(missing)}`] : []),
    ...(extra.length > 0 ? [`has unknown ${list(extra)}`] : []),
  ];
  throw new RangeError(
    `${owner}: ${file} ${parts.join('; ')}: the settings are of another network`,
  );
}

const countParameters = ({ weights }: Architecture): number =>
  weights.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);

/** Weight files and their manifest; one buffer for each weight. */
function encode(
  weights: readonly WeightData[],
  dtype: 'float32' | 'float16',
): Pick<io.ModelArtifacts, 'weightSpecs' | 'weightData'> {
  const halves = ({ dtype: type, shape }: WeightData) =>
    dtype === 'float16' && type === 'float32' && shape.length > 1;
  return {
    weightSpecs: weights.map((weight) => ({
      name: weight.name,
      shape: [...weight.shape],
      dtype: weight.dtype,
      ...(halves(weight) ? { quantization: { dtype: 'float16' as const } } : {}),
    })),
    weightData: weights.map((weight) => {
      const data = halves(weight) ? toFloat16(weight.data as Float32Array) : weight.data;
      return data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) as ArrayBuffer;
    }),
  };
}

export type { AdmConfig };
