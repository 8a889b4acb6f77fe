import type { GraphModel, Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import type { Network } from '../network';

type ImageShape = NonNullable<Network['imageShape']>;

const free = (size: number | undefined): number | null =>
  size === undefined || size === null || size < 0 ? null : size;

/**
 * Runs any graph model of the signature `(x, t) -> F`: one input of rank 4, one of rank 1. Its
 * gradient comes from the tape, so every operation in it needs one.
 *
 * @throws Error where the model has no such inputs.
 */
export function graphModelNetwork(model: GraphModel, name: string): Network {
  const ofRank = (rank: number) => {
    const found = model.inputs.filter(({ shape }) => shape?.length === rank);
    if (found.length === 1) return found[0]!;
    const seen = model.inputs.map((input) => `${input.name} [${input.shape}]`).join(', ');
    throw new Error(`${name}: needs one input of rank ${rank}, has ${seen}`);
  };
  const image = ofRank(4);
  const time = ofRank(1);
  const apply = (x: Tensor4D, t: Tensor1D): Tensor4D =>
    model.execute({ [image.name]: x, [time.name]: t }) as Tensor4D;
  return Object.assign(apply, {
    imageShape: image.shape!.slice(1).map(free) as unknown as ImageShape,
    dispose: () => model.dispose(),
  });
}
