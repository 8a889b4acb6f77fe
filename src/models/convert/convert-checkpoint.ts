import type { io } from '@tensorflow/tfjs';
import { checkRange } from '../../internal/check';
import { plainText } from '../../internal/plain-text';
import { type ByteInput, byteSource } from '../checkpoint/byte-source';
import { readCheckpoint } from '../checkpoint/read-checkpoint';
import { takeWeights } from '../checkpoint/weights';
import type { ModelMetadata, TaskSettings, WeightDtype } from '../model-metadata';
import { isDiffusersConfig } from '../networks/diffusers-config';
import { checkTaskSettings } from '../task-settings';
import { admNetwork } from './adm-settings';
import { diffusersNetwork, withPresentNames } from './diffusers-settings';
import { drunetNetwork, isDrunet } from './drunet-network';
import { edmNetwork, edmWeights, isEdm } from './edm-network';
import { gainNetwork, isGain } from './gain-settings';
import { checkGraphSize, modelArtifacts } from './model-artifacts';
import { plainConfig } from './plain-config';

/** Options of `convertCheckpoint`. */
export interface ConvertOptions {
  /** The name of a network whose config is known. */
  preset?: 'ffhq256' | 'imagenet256';
  /**
   * The config in guided-diffusion's own flags (`image_size`, `num_channels`, `channel_mult`, …), or
   * the `config.json` of a `UNet2DModel` of diffusers. Without preset and config it comes from the
   * metadata of a safetensors file. A gain network, DRUNet and a U-Net of EDM need neither: their
   * weights tell what they are. For EDM, config may hold `preconditioning` (`edm`, `vp`, `ve`,
   * `iddpm`) and its numbers.
   */
  config?: Readonly<Record<string, unknown>>;
  /**
   * The `scheduler_config.json` beside a `UNet2DModel` of diffusers: its noise process.
   * @default that of DDPMScheduler
   */
  scheduler?: Readonly<Record<string, unknown>>;
  /**
   * How filters and matrices are stored; vectors stay float32.
   * @default 'float32'
   */
  dtype?: WeightDtype;
  /**
   * Height and width of the plain graph, in pixels, multiples of the network's `multipleOf`;
   * `loadDenoiser` takes any other as well.
   * @default the image size of the config; 256 x 256 for a gain network
   */
  size?: readonly [height: number, width: number];
  /**
   * Which weights of the file to take: `'ema'` for running averages of a training, `'raw'` for those
   * of its last step, or the key under which they lie. The metadata say which were taken.
   * @default averages where the file holds any, else the raw ones
   */
  weights?: 'raw' | 'ema' | (string & {});
  /** Settings of runs that were tuned for this model; the `spgd` command applies them. */
  settings?: TaskSettings;
  /**
   * What errors call the file.
   * @default the name of the File or source, else `checkpoint`
   */
  name?: string;
}

const owner = 'convertCheckpoint';
const longestLicense = 60;

/** What weights of other names or shapes mean: only some networks take a config. */
const mismatch: Readonly<Record<string, string>> = {
  adm: 'the config is of another network',
  diffusers: 'the config is of another network',
  drunet: 'it is no DRUNet',
  'edm-dhariwal': 'it is no DhariwalUNet of EDM',
  'edm-song': 'it is no SongUNet of EDM',
  gain: 'it is no gain network',
};

/**
 * Turns a PyTorch checkpoint (`.pt`, `.pth`, `.bin`, `.pkl`, `.safetensors`) of an ADM /
 * guided-diffusion U-Net, of a `UNet2DModel` of diffusers, of DRUNet (DPIR, deepinv), of a SongUNet or
 * DhariwalUNet of EDM, or of a gain network of `tools/train-prior` into a TensorFlow.js graph model
 * `F(x, t)`. Nothing in the file is executed.
 *
 * The artifacts can go to any `tf.io` save handler; `tf.loadGraphModel` runs them as they are.
 *
 * @throws RangeError where config and checkpoint do not fit, naming the key.
 */
export async function convertCheckpoint(
  source: ByteInput,
  options: ConvertOptions = {},
): Promise<io.ModelArtifacts> {
  const { preset, config, scheduler, dtype = 'float32', size, weights, settings, name } = options;
  if (settings !== undefined) checkTaskSettings(owner, settings);
  const isDiffusers = config !== undefined && isDiffusersConfig(config);
  const rule = 'left out where config is not of diffusers';
  checkRange(isDiffusers || scheduler === undefined, owner, 'scheduler', rule, 'one');
  const known = 'left out where config is given';
  checkRange(!isDiffusers || preset === undefined, owner, 'preset', known, preset);
  const bytes = byteSource(source, name);
  const checkpoint = await readCheckpoint(bytes, { weights });
  const trained = isDiffusers
    ? diffusersNetwork(plainConfig(config), scheduler && plainConfig(scheduler))
    : isDrunet(checkpoint)
      ? drunetNetwork(checkpoint, { preset, config })
      : isGain(checkpoint)
        ? gainNetwork(checkpoint, bytes.name, { preset, config })
        : isEdm(checkpoint)
          ? edmNetwork(checkpoint, bytes.name, { preset, config })
          : admNetwork(checkpoint, bytes.name, { preset, config });
  const { network, multipleOf, inChannels, classes, ...rest } = trained;
  const { key, averaged } = checkpoint.weights;
  const target = size ?? trained.size;
  const divides = (side: number) => side > 0 && side % multipleOf === 0;
  checkGraphSize(owner, target, divides, `that divide by ${multipleOf}`);
  const tensors = isDiffusers
    ? withPresentNames(checkpoint)
    : isEdm(checkpoint)
      ? edmWeights(checkpoint)
      : checkpoint.tensors;
  const otherwise = mismatch[trained.architecture]!;
  const from = { owner, checkpoint: { ...checkpoint, tensors }, file: bytes.name, otherwise };
  return modelArtifacts<ModelMetadata>({
    owner,
    network,
    weights: await takeWeights(from, network.weights),
    inputs: { x: [...target, inChannels], t: [], ...(classes > 0 ? { label: [] } : {}) },
    dtype,
    metadata: {
      ...rest,
      size: target,
      inChannels,
      multipleOf,
      classes,
      ...(key !== '' && { weights: { key, averaged } }),
      ...(checkpoint.metadata.license !== undefined && {
        license: plainText(checkpoint.metadata.license, longestLicense),
      }),
      ...(settings && { settings }),
    },
  });
}
