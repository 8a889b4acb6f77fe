import type { io } from '@tensorflow/tfjs';
import { checkPresets } from '../check-presets';
import { type ByteInput, byteSource } from '../checkpoint/byte-source';
import { readCheckpoint } from '../checkpoint/read-checkpoint';
import { takeWeights } from '../checkpoint/take-weights';
import type { ConvertOptions } from '../convert-checkpoint';
import type { ModelMetadata } from '../model-metadata';
import { parseAdmSettings } from '../networks/adm-config';
import { admUnet } from '../networks/adm-unet';
import { chooseSettings } from './choose-settings';
import { checkGraphSize, modelArtifacts } from './model-artifacts';

const owner = 'convertCheckpoint';
const otherwise = 'the settings are of another network';

/** What `convertCheckpoint` does once it is loaded. */
export async function convertAdm(
  source: ByteInput,
  { preset, config, dtype = 'float32', size, presets, name }: ConvertOptions,
): Promise<io.ModelArtifacts> {
  if (presets !== undefined) checkPresets(owner, presets);
  const bytes = byteSource(source, name);
  const checkpoint = await readCheckpoint(bytes);
  const settings = chooseSettings(checkpoint, bytes.name, { preset, config });
  const { imageSize, inChannels, classes, ...rest } = parseAdmSettings(settings.network);
  const network = admUnet({ imageSize, inChannels, classes, ...rest });
  const { multipleOf, outChannels } = network;
  const target = size ?? [imageSize, imageSize];
  const divides = (side: number) => side > 0 && side % multipleOf === 0;
  checkGraphSize(owner, target, divides, `that divide by ${multipleOf}`);
  const from = { owner, checkpoint, file: bytes.name, otherwise };
  return modelArtifacts<ModelMetadata>({
    owner,
    network,
    weights: await takeWeights(from, network.weights),
    inputs: { x: [...target, inChannels], t: [], ...(classes > 0 ? { label: [] } : {}) },
    dtype,
    metadata: {
      architecture: 'adm',
      settings: settings.network as ModelMetadata['settings'],
      size: target,
      inChannels,
      outChannels,
      multipleOf,
      classes,
      preconditioning: settings.preconditioning,
      ...(presets && { presets }),
    },
  });
}
