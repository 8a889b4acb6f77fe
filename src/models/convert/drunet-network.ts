import { checkRange } from '../../internal/check';
import type { TensorFile } from '../checkpoint/checkpoint';
import { drunet } from '../networks/drunet';
import type { TrainedNetwork } from './trained-network';

const owner = 'convertCheckpoint';
/** Trained up to a noise level of 50 of 255 grey levels, which is this on [-1, 1]. */
const sigmaMax = 100 / 255;
const size = [256, 256] as const;
const mostScales = 8;

/** Whether a file holds the weights of DRUNet. */
export const isDrunet = ({ tensors }: TensorFile): boolean =>
  tensors.has('m_head.weight') && tensors.has('m_tail.weight');

/** A DRUNet: all of its config is in the names and shapes of the weights. */
export function drunetNetwork(
  { tensors }: TensorFile,
  { preset, config }: { preset: string | undefined; config: object | undefined },
): TrainedNetwork {
  const rule = 'left out for DRUNet, whose weights say it';
  checkRange(preset === undefined, owner, 'preset', rule, preset);
  checkRange(config === undefined, owner, 'config', rule, 'one');
  const widthOf = (name: string): number | undefined => tensors.get(name)?.shape[0];
  const blocks = countWhile((i) => tensors.has(`m_body.${i}.res.0.weight`), 100);
  const widths = [widthOf('m_head.weight')!];
  for (let scale = 1; scale < mostScales; scale++) {
    const width = widthOf(`m_down${scale}.${blocks}.weight`);
    if (width === undefined) break;
    widths.push(width);
  }
  const imageChannels = widthOf('m_tail.weight')!;
  const bias = tensors.has('m_head.bias');
  return {
    architecture: 'drunet',
    network: drunet({ imageChannels, widths, blocks, bias }),
    config: { in_nc: imageChannels + 1, out_nc: imageChannels, nc: widths, nb: blocks, bias },
    size,
    inChannels: imageChannels,
    outChannels: imageChannels,
    multipleOf: 2 ** (widths.length - 1),
    classes: 0,
    mirrored: true, // so its released training draws patches
    preconditioning: { name: 'noise-level', sigmaMax },
  };
}

function countWhile(holds: (i: number) => boolean, most: number): number {
  let count = 0;
  while (count < most && holds(count)) count++;
  return count;
}
