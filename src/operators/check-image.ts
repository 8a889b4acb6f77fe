import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import { checkRange, checkType } from '../internal/check';

/** A tensor of float32 that was not disposed. */
export function checkLive(owner: string, option: string, x: Tensor): void {
  checkType(x.dtype === 'float32', owner, option, 'of float32', x.dtype);
  checkType(!x.isDisposed, owner, option, 'a tensor that is not disposed', 'a disposed tensor');
}

/** A tensor `[batch, height, width, channels]` of float32 that was not disposed. */
export function checkImage(owner: string, option: string, x: Tensor4D): void {
  checkType(
    x?.shape?.length === 4,
    owner,
    option,
    'a tensor [batch, height, width, channels]',
    x?.shape ?? x,
  );
  checkLive(owner, option, x);
}

/** Two image batches of one shape. */
export function checkSameShape(owner: string, option: string, x: Tensor4D, like: Tensor4D): void {
  checkImage(owner, option, x);
  const { shape } = like;
  const same = x.shape.every((size, axis) => size === shape[axis]);
  checkRange(same, owner, `${option}.shape`, `[${shape.join(', ')}]`, x.shape);
}
