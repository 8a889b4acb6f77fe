import * as tf from '@tensorflow/tfjs';
import { checkRange, checkType } from '../../internal/check';
import { checkImage } from '../../operators/check-image';
import { checkNoise } from '../../operators/noise/check-noise';
import type { Shape4D } from '../../operators/operator';
import type { InverseProblem } from '../sampler';

/** Height, width and channels of x. */
export type ImageShape = readonly [height: number, width: number, channels: number];

/**
 * The shape of x, once measurement, operator and denoiser are found to fit each other. It is checked
 * before the loop, where an error costs nothing.
 *
 * @throws TypeError for a measurement that is not rank 4, not float32 or disposed; RangeError for
 * shapes that do not fit.
 */
export function checkProblem(
  owner: string,
  { denoiser, operator, measurement, noise }: InverseProblem,
  imageShape?: ImageShape,
): Shape4D {
  const has = (part: object, method: string) => typeof Object(part)[method] === 'function';
  const awaited = 'an object with denoise (is loadDenoiser awaited?)';
  checkType(has(denoiser, 'denoise'), owner, 'denoiser', awaited, denoiser);
  checkType(has(operator, 'forward'), owner, 'operator', 'an object with forward', operator);
  checkNoise(owner, noise);
  checkImage(owner, 'measurement', measurement);
  const shape: Shape4D = imageShape
    ? [measurement.shape[0], ...imageShape]
    : (operator.imageShape?.(measurement.shape) ?? [...measurement.shape]);
  const positive = shape.every((size) => Number.isInteger(size) && size > 0);
  checkRange(positive, owner, 'imageShape', 'integers > 0', shape.slice(1));
  checkDenoiser(owner, denoiser, shape);
  const predicted = tf.tidy(() => operator.forward(tf.zeros(shape)).shape);
  const rule = `what ${operator.name} makes of an image [${shape}], [${predicted}]`;
  checkRange(
    `${predicted}` === `${measurement.shape}`,
    owner,
    'measurement',
    rule,
    measurement.shape,
  );
  return shape;
}

function checkDenoiser(owner: string, denoiser: InverseProblem['denoiser'], shape: Shape4D): void {
  const [height, width] = shape.slice(1) as [number, number];
  const { imageShape, multipleOf = 1 } = denoiser;
  const fits = !imageShape || imageShape.every((size, i) => size === null || size === shape[i + 1]);
  const wanted = imageShape?.map((size) => size ?? 'any').join(' x ');
  checkRange(fits, owner, 'image', `${wanted}, as the denoiser takes it`, shape.slice(1));
  const divides = height % multipleOf === 0 && width % multipleOf === 0;
  const rule = `of a height and width that divide by ${multipleOf}`;
  checkRange(divides, owner, 'image', rule, [height, width]);
}
