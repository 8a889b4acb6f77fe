import { type Command, Option } from 'commander';
import {
  type ConvertBkseCommandOptions,
  type ConvertCommandOptions,
  type ConvertLpipsCommandOptions,
  convert,
  convertBkseFile,
  convertLpipsFiles,
} from './convert/convert-files';
import { interruptible } from './interrupt';
import { flag, heightByWidth } from './rules';

/** Options of every kind of conversion. */
const addConversion = (command: Command, size: string): Command =>
  command
    .requiredOption('--out <folder>', 'folder to write: new, empty, or an old model to replace')
    .addOption(
      new Option('--dtype <name>', 'how filters and matrices are stored')
        .choices(['float32', 'float16', 'uint8'])
        .default('float32'),
    )
    .option(
      '--size <HxW>',
      `height and width of the graph, such as 256x320 (default: ${size})`,
      flag(heightByWidth),
    );

/** `spgd convert`, with a subcommand for each kind of network. */
export function addConvert(program: Command): void {
  const convertCommand = program
    .command('convert')
    .description('turn PyTorch checkpoints into a TensorFlow.js model')
    .addHelpText(
      'after',
      "\nWithout a kind: 'unet'. Nothing in a checkpoint is executed. HF_ENDPOINT, HF_TOKEN," +
        ' HF_HUB_OFFLINE and\nSPGD_HUB_CACHE say how models of the hub are fetched and where they are kept.',
    );
  const checkpoint = ['<checkpoint>', 'a .pt, .pth, .bin or .safetensors file'] as const;
  const unet = convertCommand
    .command('unet', { isDefault: true })
    .description(
      'a prior: a U-Net of guided-diffusion, a UNet2DModel of diffusers, DRUNet, or a gain network',
    )
    .argument(
      checkpoint[0],
      `${checkpoint[1]}, a folder of diffusers with config.json, or hf:owner/name[@revision]`,
    )
    .option('--file <path>', 'the checkpoint, where a folder or a model of the hub has several')
    .addOption(
      new Option('--preset <name>', 'a network whose config is known')
        .choices(['ffhq256', 'imagenet256'])
        .conflicts('config'),
    )
    .option(
      '--config <file|flags>',
      "the network in guided-diffusion's flags: JSON, YAML, or '--image_size 256 …' as text",
    )
    .option(
      '--weights <which>',
      'raw, ema, or the key under which they are stored (default: averages if there are any)',
    )
    .option('--settings <file>', 'JSON with settings tuned for this model: task, sampler, options');
  addConversion(unet, 'that of the config').action(
    (input: string, options: ConvertCommandOptions) =>
      interruptible((signal) => convert(input, options, signal)),
  );
  const lpips = convertCommand
    .command('lpips')
    .description('the perceptual metric LPIPS, version 0.1')
    .addOption(
      new Option('--net <name>', 'whose features are compared')
        .choices(['squeeze', 'alex', 'vgg'])
        .makeOptionMandatory(),
    )
    .requiredOption('--backbone <file>', "torchvision's squeezenet1_1, alexnet or vgg16")
    .option('--heads <file>', "LPIPS' squeeze.pth, alex.pth or vgg.pth (default: the backbone)");
  addConversion(lpips, '256x256').action((options: ConvertLpipsCommandOptions) =>
    interruptible((signal) => convertLpipsFiles(options, signal)),
  );
  const bkse = convertCommand
    .command('bkse')
    .description('the network of the nonlinear blur, such as GOPRO_wVAE.pth')
    .argument(...checkpoint);
  addConversion(bkse, '256x256').action((input: string, options: ConvertBkseCommandOptions) =>
    interruptible((signal) => convertBkseFile(input, options, signal)),
  );
}
