import {
  type Architecture,
  type ProgramBuilder,
  programBuilder,
  type Value,
} from '../graph/program-builder';

/** A DRUNet, as its weights have it. */
export interface DrunetConfig {
  /** Channels of the images; the noise map is one channel more. */
  readonly imageChannels: number;
  /** Channels of each scale, from the finest. */
  readonly widths: readonly number[];
  /** Residual blocks of each scale. */
  readonly blocks: number;
  readonly bias: boolean;
}

/**
 * DRUNet (DPIR, deepinv) as a program `F(x, t)`: a noisy image in [0, 1] and its noise level to the
 * clean image; layer and weight names follow its PyTorch modules.
 *
 * Reference: Zhang et al., "Plug-and-Play Image Restoration with Deep Denoiser Prior", TPAMI 2022.
 */
export function drunet({ imageChannels, widths, blocks, bias }: DrunetConfig): Architecture {
  const builder = programBuilder();
  const deepest = widths.length - 1;
  const residuals = (base: string, x: Value, first: number): Value => {
    let h = x;
    for (let i = 0; i < blocks; i++) h = residual(builder, `${base}.${first + i}`, h, bias);
    return h;
  };

  let h = builder.timeMap('noise_map', { name: 'x', channels: imageChannels });
  h = builder.conv2d('m_head', h, widths[0]!, { bias });
  builder.endBlock();
  const skips: Value[] = [];
  for (let scale = 0; scale < deepest; scale++) {
    skips.push(h);
    h = residuals(`m_down${scale + 1}`, h, 0);
    h = builder.conv2x2(`m_down${scale + 1}.${blocks}`, h, widths[scale + 1]!, { bias });
    builder.endBlock();
  }
  const bottom = h;
  h = builder.add('m_body.sum', residuals('m_body', h, 0), bottom);
  builder.endBlock();
  for (let scale = deepest - 1; scale >= 0; scale--) {
    const base = `m_up${scale + 1}`;
    h = builder.convTranspose2x2(`${base}.0`, h, widths[scale]!, { bias });
    h = builder.add(`${base}.sum`, residuals(base, h, 1), skips.pop()!);
    builder.endBlock();
  }
  h = builder.conv2d('m_tail', h, imageChannels, { bias });
  builder.endBlock();
  return builder.finish(h);
}

/** `x + W2 relu(W1 x)`. */
function residual(builder: ProgramBuilder, base: string, x: Value, bias: boolean): Value {
  const first = builder.conv2d(`${base}.res.0`, x, x.channels, { bias });
  const active = builder.relu(`${base}.res.1`, first);
  const second = builder.conv2d(`${base}.res.2`, active, x.channels, { bias });
  const sum = builder.add(`${base}.sum`, x, second);
  builder.endBlock();
  return sum;
}
