import { type KernelWizardConfig, kernelChannels } from '../graph/kernel-codes';
import { type Architecture, programBuilder, type Value } from '../graph/program-builder';

const imageSlope = 0.1;
const adapterSlope = 0.2;
const halving = { size: 4, stride: 2, padding: 1, bias: false } as const;

/**
 * The blurring half of KernelWizard as a program `F(x, kernel)`: image in [0, 1] and kernel code to
 * the blurred image. Layer and weight names follow its PyTorch modules.
 *
 * Reference: Tran et al., "Explore Image Deblurring via Encoded Blur Kernel Space", CVPR 2021.
 */
export function kernelWizard(config: KernelWizardConfig): Architecture {
  const { input_nc, nf, front_RBs, back_RBs } = config;
  const builder = programBuilder();
  const image: Value = { name: 'x', channels: input_nc };
  const kernel: Value = { name: 'kernel', channels: kernelChannels(config) };

  const residual = (base: string, x: Value): Value => {
    const inner = builder.relu(`${base}.relu`, builder.conv2d(`${base}.conv1`, x, nf));
    const sum = builder.add(`${base}.sum`, x, builder.conv2d(`${base}.conv2`, inner, nf));
    builder.endBlock();
    return sum;
  };

  /** One level of the U-Net. Its leaky ReLU works in place, so the skip connection carries it too. */
  const level = (base: string, x: Value, widths: readonly number[]): Value => {
    const [inner, ...deeper] = widths as [number, ...number[]];
    const active = builder.relu(`${base}.down.0`, x, adapterSlope);
    const down = builder.conv2d(`${base}.down.1`, active, inner, halving);
    const middle =
      deeper.length > 0
        ? level(`${base}.submodule`, down, deeper)
        : builder.concat(`${base}.kernel`, down, kernel);
    const up = builder.convTranspose2d(
      `${base}.up.1`,
      builder.relu(`${base}.up.0`, middle),
      x.channels,
    );
    builder.endBlock();
    return builder.concat(`${base}.concat`, up, active);
  };

  let h = image;
  for (const [i, stride] of ([1, 2, 2] as const).entries()) {
    h = builder.conv2d(`feature_extractor.${2 * i}`, h, nf, { stride });
    h = builder.relu(`feature_extractor.${2 * i + 1}`, h, imageSlope);
    builder.endBlock();
  }
  for (let i = 0; i < front_RBs; i++) h = residual(`feature_extractor.${6 + i}`, h);

  const adapter = 'adapter.model';
  h = builder.conv2d(`${adapter}.down.0`, h, nf, halving);
  h = level(`${adapter}.submodule`, h, [2 * nf, 4 * nf, 8 * nf, 8 * nf]);
  h = builder.relu(`${adapter}.up.0`, h);
  h = builder.convTranspose2d(`${adapter}.up.1`, h, nf, { bias: true });
  h = builder.tanh(`${adapter}.up.2`, h);
  builder.endBlock();

  for (let i = 0; i < back_RBs; i++) h = residual(`recon_trunk.${i}`, h);
  const trunk = (after: number) => `recon_trunk.${back_RBs + after}`;
  for (const [after, width] of [
    [0, nf],
    [3, 64],
  ] as const) {
    h = builder.convShuffle(trunk(after), h, width);
    h = builder.relu(trunk(after + 2), h, imageSlope);
    builder.endBlock();
  }
  h = builder.relu(trunk(7), builder.conv2d(trunk(6), h, 64), imageSlope);
  h = builder.conv2d(trunk(8), h, input_nc);
  return builder.finish(builder.add('sum', h, image));
}
