import type * as tf from '@tensorflow/tfjs';
import {
  type ForwardOperator,
  type GaussianNoise,
  type Sampler,
  type Shape4D,
  type Tile,
  tiledDenoiser,
} from 'spgd';
import type { Pixels } from 'spgd/node';
import {
  type Block,
  blocksOf,
  isAtBorder,
  type OpenBorder,
  rampOf,
  solutionTime,
} from 'spgd/tasks';
import { blend, copyOf } from './photo-pixels';
import { type Piece, tilesFor } from './pieces';
import type { Prior } from './prior';

/** What was measured of a whole picture, and how. */
export interface WholeMeasurement {
  readonly operator: ForwardOperator;
  /** Of the whole measurement. */
  readonly shape: Shape4D;
  /** Its noise, where it is not Gaussian of the std of the job. */
  readonly noise?: GaussianNoise;
  /** What the noise levels of the settings are multiplied by. */
  readonly level?: number;
  /** A rectangle of it, as a tensor that the caller disposes. */
  crop(box: Tile): tf.Tensor4D;
  /** A rectangle as a part of a larger scene; left out where the operator was simulated. */
  opened?(part: tf.Tensor4D): OpenBorder;
}

/** Largest side of a block in pixels: bounds the memory that it needs. */
const largestBlock = 768;

/** Pixels over which the results of neighbouring blocks are blended. */
const seam = 16;

/** The part of a measurement that shows a rectangle of the image, `scale` times larger. */
const measured = ({ top, left, height, width }: Tile, scale: number): Tile => ({
  top: top / scale,
  left: left / scale,
  height: Math.ceil(height / scale),
  width: Math.ceil(width / scale),
});

/** How many times larger the image is than its measurement; undefined where blocks cannot be cut. */
function scaleOf({ operator, shape }: WholeMeasurement, [height, width]: readonly number[]) {
  if (operator.reach === undefined) return undefined;
  const scale = height! / shape[1];
  return Number.isInteger(scale) && width! / shape[2] === scale ? scale : undefined;
}

/**
 * The blocks of a whole picture, one where the operator is not local. Each is restored with a margin
 * of twice the reach of the operator, since undoing a blur looks farther than the blur, and its
 * result is blended into `result`.
 */
export function blockPieces(
  measurement: WholeMeasurement,
  result: Pixels,
  prior: Prior,
  largest = largestBlock,
): Piece[] {
  const [height, width] = result.shape;
  const scale = scaleOf(measurement, [height, width]);
  const { operator, shape, noise, level } = measurement;
  const whole: Tile = { top: 0, left: 0, height, width };
  const blocks: readonly Block[] =
    scale === undefined
      ? [{ window: whole, core: whole }]
      : blocksOf([height, width], {
          largest,
          margin: 2 * operator.reach! + Math.max(seam, prior.overlap),
          multipleOf: scale,
        });
  const all: Tile = { top: 0, left: 0, height: shape[1], width: shape[2] };
  const { channels } = prior;
  return blocks.map((block) => {
    const { window } = block;
    const paste = (into: Pixels, values: ArrayLike<number>) =>
      blend(into, window, values, rampOf(block, seam));
    const box = scale === undefined ? all : measured(window, scale);
    const isOpen = measurement.opened && isAtBorder(window, whole);
    return {
      tiles: tilesFor([1, window.height, window.width, channels], prior),
      ...((isOpen || !('spectrum' in operator)) && {
        solveTime: (sampler: Sampler) =>
          solutionTime(operator, [1, box.height, box.width, shape[3]], sampler),
      }),
      problem() {
        const part = measurement.crop(box);
        const open = isOpen ? measurement.opened?.(part) : undefined;
        return {
          operator,
          measurement: part,
          ...open,
          denoiser: tiledDenoiser(prior.denoiser, prior),
          ...(noise && { noise }),
          ...(level && { level }),
          dispose() {
            part.dispose();
            open?.dispose();
          },
        };
      },
      box: block.core,
      paste,
      show(values) {
        const shown = copyOf(result);
        paste(shown, values);
        return shown;
      },
      accept: (values) => paste(result, values),
    };
  });
}
