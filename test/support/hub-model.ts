import { writeSafetensors } from '../../src/models/checkpoint/safetensors';
import { diffusersUnet } from '../../src/models/networks/diffusers';
import { parseDiffusersConfig } from '../../src/models/networks/diffusers-config';
import { filledStateDict } from '../models/graph/filled-weights';

const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

/** The config of the smallest UNet2DModel. */
const tinyUnet = {
  _class_name: 'UNet2DModel',
  sample_size: 16,
  block_out_channels: [8, 16],
  layers_per_block: 1,
  norm_num_groups: 4,
  down_block_types: ['DownBlock2D', 'AttnDownBlock2D'],
  up_block_types: ['AttnUpBlock2D', 'UpBlock2D'],
  attention_head_dim: null,
};

/** The files of that model with made-up weights, as `google/ddpm-*` has them on the hub. */
export const tinyHubModel = () => ({
  '.gitattributes': new TextEncoder().encode('*.safetensors filter=lfs'),
  'README.md': new TextEncoder().encode('---\nlicense: apache-2.0\n---'),
  'config.json': encode(tinyUnet),
  'scheduler_config.json': encode({ _class_name: 'DDPMScheduler', beta_schedule: 'linear' }),
  'diffusion_pytorch_model.safetensors': writeSafetensors(
    filledStateDict(diffusersUnet(parseDiffusersConfig(tinyUnet)).weights),
  ),
});
