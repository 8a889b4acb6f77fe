import type { io } from '@tensorflow/tfjs';
import { checkRange } from '../internal/check';
import { checkPresets } from './check-presets';
import { type ByteInput, byteSource } from './checkpoint/byte-source';
import type { Checkpoint } from './checkpoint/checkpoint';
import { readCheckpoint } from './checkpoint/read-checkpoint';
import { takeWeight } from './checkpoint/take-weight';
import { type ChosenSettings, chooseSettings } from './choose-settings';
import { encodeWeights } from './encode-weights';
import { type AdmConfig, parseAdmSettings } from './graph/adm-config';
import { type Architecture, admUnet } from './graph/adm-unet';
import { emitGraph } from './graph/emit-graph';
import type { WeightData } from './graph/graph-builder';
import type { ModelMetadata, ModelPresets } from './model-metadata';

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
  /** Settings of runs that were tuned for this model; the `spgd` command applies them. */
  presets?: ModelPresets;
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
  { preset, config, dtype = 'float32', size, presets, name }: ConvertOptions = {},
): Promise<io.ModelArtifacts> {
  checkRange(['float32', 'float16'].includes(dtype), owner, 'dtype', 'float32 or float16', dtype);
  if (presets !== undefined) checkPresets(owner, presets);
  const bytes = byteSource(source, name);
  const checkpoint = await readCheckpoint(bytes);
  const settings = chooseSettings(checkpoint, bytes.name, { preset, config });
  const resolved = parseAdmSettings(settings.network);
  const architecture = admUnet(resolved);
  const target = checkSize(size ?? [resolved.imageSize, resolved.imageSize], architecture);
  checkNames(checkpoint, architecture, bytes.name);

  const { topology, signature, constants } = emitGraph(architecture.program, {
    size: target,
    inChannels: resolved.inChannels,
  });
  const weights = await takeWeights(checkpoint, architecture, bytes.name);
  const described = { size: target, dtype, ...(presets && { presets }) };
  const spgd = describeModel(settings, resolved, architecture, described);
  return {
    format: 'graph-model',
    generatedBy: 'spgd',
    convertedBy: null,
    modelTopology: topology,
    signature,
    userDefinedMetadata: { spgd },
    ...encodeWeights(constants, weights, dtype),
  };
}

/** What the model says of itself. */
function describeModel(
  settings: ChosenSettings,
  { inChannels, classes }: AdmConfig,
  architecture: Architecture,
  given: Pick<ModelMetadata, 'size' | 'dtype' | 'presets'>,
): ModelMetadata {
  return {
    version: 1,
    architecture: 'adm',
    settings: settings.network as ModelMetadata['settings'],
    ...given,
    inChannels,
    outChannels: architecture.outChannels,
    multipleOf: architecture.multipleOf,
    classes,
    preconditioning: settings.preconditioning,
    parameterCount: countParameters(architecture),
    program: architecture.program,
  };
}

async function takeWeights(
  checkpoint: Checkpoint,
  architecture: Architecture,
  file: string,
): Promise<WeightData[]> {
  const weights: WeightData[] = [];
  for (const spec of architecture.weights) {
    const data = await takeWeight(checkpoint, spec, file);
    weights.push({ name: spec.name, shape: spec.shape, dtype: 'float32', data });
  }
  return weights;
}

function checkSize(size: readonly [number, number], { multipleOf }: Architecture) {
  const divides = (side: number) => Number.isInteger(side) && side > 0 && side % multipleOf === 0;
  const valid = size.length === 2 && size.every(divides);
  checkRange(valid, owner, 'size', `height and width that divide by ${multipleOf}`, size);
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
