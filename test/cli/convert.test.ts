import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { loadBlurNetwork, loadDenoiser, loadLpips } from 'spgd';
import { fileHandler } from 'spgd/node';
import { beforeEach, describe, expect, it } from 'vitest';
import { writeSafetensors } from '../../src/models/checkpoint/safetensors';
import { kernelWizard } from '../../src/models/networks/kernel-wizard';
import { filledLpipsTensors } from '../metrics/filled-lpips';
import { filledTensors, tinySettings } from '../models/graph/filled-model';
import { filledStateDict } from '../models/graph/filled-weights';
import { useTestBackend } from '../support/backend';
import { shared } from '../support/references';
import { runCommand } from '../support/run-command';

let root: string;
const path = (name: string) => join(root, name);
const model = (name: string) => fileHandler(`file://${path(`${name}/model.json`)}`);

/** Writes a checkpoint, and gives its path. */
async function checkpoint(name: string, tensors: Parameters<typeof writeSafetensors>[0]) {
  await writeFile(path(name), writeSafetensors(tensors));
  return path(name);
}

/** Runs `spgd convert` in the test; the exit code and what it printed. */
async function convert(...args: string[]): Promise<string> {
  const { code, said } = await runCommand(root, 'convert', ...args);
  return `${code} ${said.trim()}`;
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'spgd-convert-'));
});

describe('spgd convert', () => {
  useTestBackend('cpu');

  it('makes a prior, with and without its kind', async () => {
    const input = await checkpoint('net.safetensors', filledTensors());
    await writeFile(path('config.json'), JSON.stringify(tinySettings));
    const options = [input, '--config', path('config.json'), '--out'];
    expect(await convert(...options, path('a'))).toBe(
      '0 wrote <root>/a/model.json with 3.3 MB of weights',
    );
    expect(await convert('unet', ...options, path('b'))).toMatch(/^0 /);
    (await loadDenoiser(model('b'))).dispose();
  });

  it('takes the flags of guided-diffusion as text, in a file, or as YAML under a key', async () => {
    const input = await checkpoint('net.safetensors', filledTensors());
    const flags = Object.entries(tinySettings).map(([key, value]) => `--${key} ${value}`);
    await writeFile(path('flags.sh'), `MODEL_FLAGS="${flags.join(' \\\n ')} --use_fp16"\n`);
    const lines = Object.entries(tinySettings).map(([key, value]) => `    ${key}: ${value}`);
    await writeFile(path('net.yaml'), `model:\n  name: ddpm\n  unet:\n${lines.join('\n')}\n`);
    const forms = [flags.join(' '), path('flags.sh'), path('net.yaml')];
    for (const [i, config] of forms.entries()) {
      const out = path(`m${i}`);
      expect(await convert(input, '--config', config, '--out', out), config).toMatch(/^0 wrote/);
      const { spgd } = JSON.parse(
        await readFile(join(out, 'model.json'), 'utf8'),
      ).userDefinedMetadata;
      expect(spgd.program.blocks.length).toBeGreaterThan(5);
      expect(String(spgd.config.channel_mult)).toBe('1,2');
    }
  });

  it('says which weights it took, and takes others by --weights', async () => {
    const tensors = Object.entries(filledTensors());
    const file = await checkpoint('both.safetensors', {
      ...Object.fromEntries(tensors.map(([name, tensor]) => [`model.${name}`, tensor])),
      ...Object.fromEntries(tensors.map(([name, tensor]) => [`ema_model.${name}`, tensor])),
    });
    await writeFile(path('config.json'), JSON.stringify(tinySettings));
    const options = [file, '--config', path('config.json'), '--out', path('a')];
    expect(await convert(...options)).toMatch(
      /^0 took the averaged weights under "ema_model"; --weights raw takes those of the last step/,
    );
    expect(await convert(...options, '--weights', 'raw')).toMatch(/^0 wrote/);
    expect(await convert(...options, '--weights', 'mine')).toBe(
      '2 spgd: <root>/both.safetensors: holds no weights "mine", but those of the file itself, "ema_model" (averaged)',
    );
  });

  it.skipIf(!shared.present)(
    `finds config, weights and scheduler in a folder of diffusers, ${shared.title}`,
    async () => {
      const put = async (from: string, to: string) => {
        await mkdir(dirname(path(to)), { recursive: true });
        await writeFile(path(to), shared.bytes(`diffusers-ddpm/${from}`));
      };
      const weights = 'diffusion_pytorch_model';
      await put('unet/config.json', 'hub/unet/config.json');
      await put(`unet/${weights}.safetensors`, `hub/unet/${weights}.safetensors`);
      await put('scheduler/scheduler_config.json', 'hub/scheduler/scheduler_config.json');
      expect(await convert(path('hub'), '--out', path('a'))).toBe(
        '0 wrote <root>/a/model.json with 2.8 MB of weights',
      );
      const denoiser = await loadDenoiser(model('a'));
      expect(denoiser.metadata).toMatchObject({ architecture: 'diffusers', multipleOf: 2 });
      expect(denoiser.metadata?.preconditioning).toMatchObject({ name: 'ddpm', clip: true });
      denoiser.dispose();

      await put('unet/config.json', 'root/config.json');
      await put(`old-names/${weights}.bin`, `root/${weights}.bin`);
      expect(await convert(path('root'), '--out', path('b'))).toMatch(/^0 wrote/);
      await put('unet/config.json', 'root/unet_ema/config.json');
      await put(`unet/${weights}.safetensors`, `root/unet_ema/${weights}.safetensors`);
      expect(await convert(path('root'), '--out', path('c'))).toMatch(
        /^0 took the averaged weights under "unet_ema"; --weights raw takes those of the last step/,
      );
      expect(await convert(path('root'), '--weights', 'raw', '--out', path('d'))).toMatch(
        /^0 wrote/,
      );
    },
  );

  it('says what a folder lacks, and takes its only checkpoint', async () => {
    await mkdir(path('folder'));
    const lacks =
      '2 spgd: <root>/folder: must hold config.json and diffusion_pytorch_model.safetensors or .bin, at its root or in unet/, or one checkpoint';
    expect(await convert(path('folder'), '--out', path('a'))).toBe(lacks);
    await writeFile(path('folder/config.json'), '{"_class_name": "UNet2DModel"}');
    expect(await convert(path('folder'), '--out', path('a'))).toBe(lacks);
    await checkpoint('folder/net.safetensors', filledTensors());
    const preset = ['--preset', 'ffhq256', '--out', path('a')];
    expect(await convert(path('folder'), ...preset)).toBe(
      '2 spgd: <root>/folder: has its own config: leave out preset and config',
    );
    await writeFile(path('folder/config.json'), JSON.stringify(tinySettings));
    expect(await convert(path('folder'), '--out', path('a'))).toMatch(/^0 wrote/);
    await checkpoint('folder/other.safetensors', filledTensors());
    expect(await convert(path('folder'), '--out', path('b'))).toBe(
      '2 spgd: <root>/folder: holds several checkpoints: name one by file: net.safetensors, other.safetensors',
    );
    const chosen = ['--file', 'other.safetensors', '--out', path('b')];
    expect(await convert(path('folder'), ...chosen)).toMatch(/^0 wrote/);
  });

  it('makes LPIPS of two files or of one', async () => {
    const tensors = filledLpipsTensors('squeeze');
    const both = await checkpoint('both.safetensors', tensors);
    const heads = Object.entries(tensors).filter(([name]) => name.startsWith('lin'));
    const other = await checkpoint('squeeze.safetensors', Object.fromEntries(heads));
    const options = ['lpips', '--net', 'squeeze', '--backbone', both];
    expect(await convert(...options, '--out', path('a'))).toMatch(/^0 wrote/);
    const half = ['--dtype', 'float16', '--size', '64x96', '--heads', other];
    expect(await convert(...options, ...half, '--out', path('b'))).toMatch(/^0 wrote/);
    const lpips = await loadLpips(model('b'));
    expect(lpips.net).toBe('squeeze');
    lpips.dispose();
  });

  it('makes the network of the nonlinear blur', async () => {
    const config = { input_nc: 3, nf: 2, front_RBs: 1, back_RBs: 1 };
    const tensors = filledStateDict(kernelWizard(config).weights);
    const input = await checkpoint('GOPRO.safetensors', tensors);
    expect(await convert('bkse', input, '--out', path('a'))).toMatch(/^0 wrote/);
    const network = await loadBlurNetwork(model('a'));
    expect(network.kernelChannels).toBe(16);
    network.dispose();
  });

  it('gives 2 and one line for wrong usage and for the wrong file', async () => {
    const net = await checkpoint('net.safetensors', filledTensors());
    await writeFile(path('notes.pth'), 'just text');
    const out = ['--out', path('model')];
    const wrong = [
      ['lpips', '--backbone', net, ...out],
      ['lpips', '--net', 'resnet', '--backbone', net, ...out],
      ['lpips', '--net', 'vgg', ...out],
      ['lpips', '--net', 'vgg', '--backbone', net, ...out],
      ['lpips', '--net', 'vgg', '--backbone', net, '--heads', path('none.pth'), ...out],
      ['lpips', '--net', 'vgg', '--backbone', path('notes.pth'), '--heads', net, ...out],
      ['lpips', '--net', 'vgg', '--backbone', net, '--size', '8x64', ...out],
      ['bkse', net, ...out],
      ['bkse', net],
      ['bkse', net, '--size', '200x256', ...out],
      ['bkse', net, '--out', root],
    ];
    const results: string[] = [];
    for (const args of wrong) results.push(await convert(...args));
    expect(results.join('\n')).toMatchInlineSnapshot(`
      "2 spgd: required option '--net <name>' not specified
      2 spgd: option '--net <name>' argument 'resnet' is invalid. Allowed choices are squeeze, alex, vgg.
      2 spgd: required option '--backbone <file>' not specified
      2 spgd: convertLpips: <root>/net.safetensors: it is not the backbone of vgg: it lacks features.0.weight, features.0.bias, features.2.weight and 23 more; it has unknown time_embed.0.weight, time_embed.0.bias, time_embed.2.weight and 141 more
      2 spgd: fileSource: cannot read <root>/none.pth: there is no such file
      2 spgd: <root>/notes.pth: is a text file, not a checkpoint
      2 spgd: convertLpips: size must be height and width >= 16, got [8, 64]
      2 spgd: convertBlurNetwork: <root>/net.safetensors: it is no checkpoint of BKSE's KernelWizard: it lacks feature_extractor.0.weight
      2 spgd: required option '--out <folder>' not specified
      2 spgd: convertBlurNetwork: size must be height and width that divide by 128, got [200, 256]
      2 spgd: saveModel: <root> must be new, empty, or hold a model and nothing else, got net.safetensors in it; name another folder"
    `);
    expect((await readdir(root)).sort()).toEqual(['net.safetensors', 'notes.pth']);
  });
});
