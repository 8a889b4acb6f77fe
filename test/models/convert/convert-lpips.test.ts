import { readFileSync } from 'node:fs';
import { convertLpips } from 'spgd/convert';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeSafetensors } from '../../../src/models/checkpoint/safetensors';
import type { Program } from '../../../src/models/graph/layer';
import { filledLpipsTensors } from '../../metrics/filled-lpips';

/** `torch.save(…, _use_new_zipfile_serialization=False)` of test/fixtures/metrics/make.py. */
const legacyHeads = new Uint8Array(
  readFileSync(new URL('../../fixtures/metrics/alex-heads-legacy.pth', import.meta.url)),
);

type Tensors = ReturnType<typeof filledLpipsTensors>;

describe('convertLpips', () => {
  let tensors: Tensors;
  let backbone: Uint8Array;
  const only = (keep: (name: string) => boolean): Tensors =>
    Object.fromEntries(Object.entries(tensors).filter(([name]) => keep(name)));
  const file = (bytes: Uint8Array, name: string) => new File([bytes.slice()], name);

  beforeAll(() => {
    tensors = filledLpipsTensors('alex');
    // What torchvision's file holds and features have no use for.
    const classifier = { shape: [1], data: Float32Array.of(1) };
    const features = only((name) => name.startsWith('features.'));
    backbone = writeSafetensors({ ...features, 'classifier.1.bias': classifier });
  });

  it('takes backbone and heads from two files, or from one that has both', async () => {
    const apart = await convertLpips(backbone, { net: 'alex', heads: legacyHeads });
    const together = await convertLpips(writeSafetensors(tensors), { net: 'alex' });
    expect(apart.weightData).toEqual(together.weightData);
    const { program, ...spgd } = apart.userDefinedMetadata!.spgd as Record<string, unknown>;
    const layers = (program as Program).blocks.flat();
    const used = layers.flatMap(({ weights = {} }) => Object.values(weights));
    expect(used.sort()).toEqual(Object.keys(tensors).sort());
    // torchvision's alexnet has 2,469,696 parameters in its features; the heads have 1,152.
    expect(spgd).toEqual({
      version: 1,
      architecture: 'lpips',
      config: { net: 'alex' },
      size: [256, 256],
      dtype: 'float32',
      parameterCount: 2_469_696 + 1_152,
    });
  });

  it('names the file and the keys that are missing or left over', async () => {
    const heads = file(legacyHeads, 'alex.pth');
    const alexnet = file(backbone, 'alexnet.pth');
    const cut = writeSafetensors(only((name) => name !== 'features.8.bias'));
    await expect(convertLpips(alexnet, { net: 'alex' })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: convertLpips: alexnet.pth: it is not the file of heads of alex: it lacks lin0.model.1.weight, lin1.model.1.weight, lin2.model.1.weight and 2 more]`,
    );
    await expect(
      convertLpips(alexnet, { net: 'squeeze', heads }),
    ).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: convertLpips: alexnet.pth: it is not the backbone of squeeze: it lacks features.3.squeeze.weight, features.3.squeeze.bias, features.3.expand1x1.weight and 45 more; it has unknown features.3.weight, features.3.bias, features.6.weight and 5 more]`,
    );
    await expect(
      convertLpips(file(cut, 'cut.pth'), { net: 'alex', heads }),
    ).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: convertLpips: cut.pth: it is not the backbone of alex: it lacks features.8.bias]`,
    );
    await expect(convertLpips(heads, { net: 'alex' })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: convertLpips: alex.pth: it is not the backbone of alex: it lacks features.0.weight, features.0.bias, features.3.weight and 7 more]`,
    );
  });

  it('names the option, the rule and the value that broke it', async () => {
    const convert = (options: object) =>
      convertLpips(backbone, { net: 'alex', heads: legacyHeads, ...options });
    await expect(convert({ net: 'vgg19' })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: convertLpips: net must be one of squeeze, alex, vgg, got vgg19]`,
    );
    await expect(convert({ size: [30, 64] })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: convertLpips: size must be height and width >= 31, got [30, 64]]`,
    );
    await expect(convert({ dtype: 'int8' })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: convertLpips: dtype must be one of float32, float16, uint8, got int8]`,
    );
    const name = 'lin2.model.1.weight';
    const { shape, data } = tensors[name]!;
    const negative = { ...tensors, [name]: { shape, data: data.map(() => -0.25) } };
    const heads = file(writeSafetensors(negative), 'alex.pth');
    await expect(convert({ heads })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[RangeError: convertLpips: alex.pth: lin2.model.1.weight must be >= 0, got -0.25]`,
    );
  });
});
