import * as tf from '@tensorflow/tfjs';
import { psnr, ssim } from 'spgd';
import type { Pixels } from 'spgd/node';
import { aligned, type Task } from 'spgd/tasks';
import { tensorOf } from './photo-pixels';

/** How near a picture is to a clean one. */
export interface Figures {
  /** In dB. */
  readonly psnr: number;
  readonly ssim?: number;
}

/** Smallest side that SSIM takes. */
const window = 11;

/** PSNR and SSIM of a picture, where there is a clean one of its size. */
export async function rate(
  task: Task,
  clean?: Pixels,
  picture?: Pixels,
): Promise<Figures | undefined> {
  const sizeOf = ({ shape }: Pixels) => `${shape.slice(0, 2)}`;
  if (!clean || !picture || sizeOf(clean) !== sizeOf(picture)) return undefined;
  const [raw, truth] = [tensorOf(picture), tensorOf(clean)];
  const images = [aligned(task, raw, truth), truth] as const;
  const isLarge = Math.min(...clean.shape.slice(0, 2)) >= window;
  const tensors = [psnr(...images), ...(isLarge ? [ssim(...images)] : [])];
  const [ratio, likeness] = await Promise.all(tensors.map(async (one) => (await one.data())[0]!));
  tf.dispose([raw, ...images, ...tensors]);
  return { psnr: ratio!, ...(likeness !== undefined && { ssim: likeness }) };
}

/** `PSNR 21.03 dB, SSIM 0.7123`. */
export const figuresText = ({ psnr, ssim }: Figures): string =>
  `PSNR ${psnr.toFixed(2)} dB${ssim === undefined ? '' : `, SSIM ${ssim.toFixed(4)}`}`;
