import type { Tensor4D } from '@tensorflow/tfjs';
import { checkRange } from '../internal/check';

/** The side of a blur kernel. */
export function checkKernelSize(owner: string, kernelSize: number): void {
  checkRange(
    Number.isInteger(kernelSize) && kernelSize >= 3 && kernelSize % 2 === 1,
    owner,
    'kernelSize',
    'an odd integer >= 3',
    kernelSize,
  );
}

/** Reflection reaches `kernelSize / 2` past the border, so x must be larger than that. */
export function checkKernelFits(owner: string, { shape }: Tensor4D, kernelSize: number): void {
  const half = kernelSize / 2;
  const rule = `[batch, height, width, channels] with height and width > kernelSize / 2 = ${half}`;
  checkRange(shape[1] > half && shape[2] > half, owner, 'x.shape', rule, shape);
}
