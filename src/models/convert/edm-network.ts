import { checkInteger, checkPositive, checkRange } from '../../internal/check';
import { fileError } from '../../internal/file-error';
import type { Checkpoint, CheckpointTensor, TensorFile } from '../checkpoint/checkpoint';
import type { Preconditioning } from '../model-metadata';
import { type EdmConfig, edmUnet } from '../networks/edm-unet';
import { plainConfig } from './plain-config';
import type { TrainedNetwork } from './trained-network';

type Tensors = ReadonlyMap<string, CheckpointTensor>;
type Settings = Readonly<Record<string, unknown>>;

const owner = 'convertCheckpoint';
const wrapper = 'model.';
const mark = 'map_layer0.weight';
const mostLevels = 10;
const mostBlocks = 100;
const settingKeys = ['preconditioning', 'sigma_data', 'beta_d', 'beta_min', 'M'];
/** What the network does not use when it denoises. */
const spare = /(\.resample_filter|^map_augment\.weight)$/;
const firstConvolution = /^enc\.(\d{1,5})x\1_conv\.weight$/;

/** Whether a file holds the weights of a U-Net of EDM, alone or in its preconditioning. */
export const isEdm = ({ tensors }: TensorFile): boolean =>
  [mark, `${wrapper}${mark}`].some((name) => tensors.has(name)) &&
  [...tensors.keys()].some((name) => firstConvolution.test(name.replace(/^model\./, '')));

/** The tensors by the names of the U-Net. */
function ofNetwork({ tensors }: TensorFile): Tensors {
  if (tensors.has(mark)) return tensors;
  const inner = [...tensors].filter(([name]) => name.startsWith(wrapper));
  return new Map(inner.map(([name, tensor]) => [name.slice(wrapper.length), tensor]));
}

/** The weights that the network uses. */
export const edmWeights = (file: TensorFile): Tensors =>
  new Map([...ofNetwork(file)].filter(([name]) => !spare.test(name)));

function countWhile(holds: (i: number) => boolean, most: number): number {
  let count = 0;
  while (count < most && holds(count)) count++;
  return count;
}

/** The network, which names and shapes of its weights tell. */
function edmConfig(tensors: Tensors, file: string): EdmConfig {
  const names = [...tensors.keys()];
  const sizeOf = (name: string, axis: number): number => {
    const size = tensors.get(name)?.shape[axis];
    if (size !== undefined && size > 0) return size;
    throw fileError({ name: file }, `is no U-Net of EDM: it lacks ${name}`);
  };
  const other = names.find((name) => /_aux_(skip|up|down)\./.test(name));
  if (other !== undefined)
    throw fileError({ name: file }, `has ${other}: skip encoders and decoders are not converted`);
  const first = names.find((name) => firstConvolution.test(name))!;
  const resolution = Number(firstConvolution.exec(first)![1]);
  const blockOf = (level: number, i: number): string =>
    `enc.${resolution >> level}x${resolution >> level}_block${i}.conv0.weight`;
  const levels = countWhile((level) => tensors.has(blockOf(level, 0)), mostLevels);
  const kind = tensors.has('out_conv.weight') ? 'dhariwal' : 'song';
  const last = `dec.${resolution}x${resolution}_aux_conv.weight`;
  const filters = names.filter((name) => name.endsWith('.resample_filter'));
  const taps = new Set(filters.map((name) => sizeOf(name, 3)));
  const rule = 'of 2 or of 4 taps, everywhere the same';
  const known = taps.size <= 1 && [...taps].every((count) => count === 2 || count === 4);
  checkRange(known, owner, 'resample_filter', rule, [...taps]);
  return {
    kind,
    resolution,
    inChannels: sizeOf(first, 1),
    outChannels: sizeOf(kind === 'song' ? last : 'out_conv.weight', 0),
    channels: sizeOf(first, 0),
    widths: Array.from({ length: levels }, (_, level) => sizeOf(blockOf(level, 0), 0)),
    blocks: countWhile((i) => tensors.has(blockOf(0, i)), mostBlocks),
    attention: names
      .filter((name) => name.endsWith('.qkv.weight'))
      .map((name) => name.slice(0, -'.qkv.weight'.length)),
    noiseChannels: sizeOf(mark, 1),
    embeddingChannels: sizeOf(mark, 0),
    fourier: tensors.has('map_noise.freqs'),
    smooth: taps.has(4),
    residual: names.some((name) => name.includes('_aux_residual.')),
    classes: tensors.has('map_label.weight') ? sizeOf('map_label.weight', 1) : 0,
  };
}

/** The process of each class of preconditioning. */
const classes: Readonly<Record<string, Preconditioning['name']>> = {
  EDMPrecond: 'edm',
  VPPrecond: 'vp',
  VEPrecond: 've',
  iDDPMPrecond: 'iddpm',
};

const processes: Readonly<Record<string, (number: Numbers) => Preconditioning>> = {
  edm: (number) => ({ name: 'edm', sigmaData: number('sigma_data', 0.5) }),
  vp: (number) => {
    const steps = number('M', 1000);
    const known = steps === 1000 ? {} : { steps };
    const rates = { betaD: number('beta_d', 19.9), betaMin: number('beta_min', 0.1) };
    return { name: 'vp', ...rates, ...known, prediction: 'noise' };
  },
  ve: () => ({ name: 've' }),
  iddpm: (number) => {
    const steps = number('M', 1000);
    checkInteger(owner, 'M', steps, 2);
    checkRange(steps <= 100_000, owner, 'M', 'at most 100000', steps);
    return { name: 'iddpm', steps };
  },
};

type Numbers = (key: string, usual: number) => number;

/** The noise process: of the pickled class, of config or metadata, else that of EDM. */
function processOf({ module }: Checkpoint, settings: Settings): Preconditioning {
  const name = settings.preconditioning ?? classes[module?.name ?? ''] ?? 'edm';
  const known = typeof name === 'string' && Object.hasOwn(processes, name);
  const rule = `one of ${Object.keys(processes).join(', ')}`;
  checkRange(known, owner, 'preconditioning', rule, name);
  return processes[name as string]!((key, usual) => {
    const value = Number(settings[key] ?? module?.numbers[key] ?? usual);
    checkPositive(owner, key, value);
    return value;
  });
}

/** A U-Net of EDM: its weights tell the network, its class or its settings the noise process. */
export function edmNetwork(
  checkpoint: Checkpoint,
  file: string,
  { preset, config }: { preset: string | undefined; config: Settings | undefined },
): TrainedNetwork {
  const rule = 'left out for a U-Net of EDM, whose weights say it';
  checkRange(preset === undefined, owner, 'preset', rule, preset);
  const given = plainConfig(config ?? {});
  const unknown = Object.keys(given).find((key) => !settingKeys.includes(key));
  const keys = `made of ${settingKeys.join(', ')} for a U-Net of EDM`;
  checkRange(unknown === undefined, owner, 'config', keys, unknown);
  const resolved = edmConfig(ofNetwork(checkpoint), file);
  const { multipleOf, ...network } = edmUnet(resolved);
  const {
    kind,
    resolution,
    inChannels,
    outChannels,
    classes: count,
    attention,
    ...rest
  } = resolved;
  return {
    architecture: kind === 'song' ? 'edm-song' : 'edm-dhariwal',
    network,
    config: { resolution, ...rest, attention: attention.join() },
    size: [resolution, resolution],
    trainingSize: [resolution, resolution],
    inChannels,
    outChannels,
    multipleOf,
    classes: count,
    preconditioning: processOf(checkpoint, { ...checkpoint.metadata, ...given }),
  };
}
