import { cellsOf, type JpegFile, jpeg, jpegMeasurement, roundingNoise, type Tile } from 'spgd';
import type { Pixels } from 'spgd/node';
import { jpegTask } from 'spgd/tasks';
import { blockPieces } from './block-pieces';
import { jpegText } from './jpeg-photo';
import type { Job } from './order';
import { asStored, upright } from './orientation';
import { blankPixels } from './photo-pixels';
import type { Prior } from './prior';
import { usageError } from './restore-options';

/** The part of a picture above and left of a corner, its border repeated where it is smaller. */
function resizedCanvas(
  { values, shape: [height, width, stored], white, file }: Pixels,
  [rows, columns]: readonly [number, number],
): Pixels {
  const canvas = blankPixels([rows, columns, stored], white);
  for (let row = 0; row < rows; row++) {
    const from = Math.min(row, height - 1) * width;
    for (let column = 0; column < columns; column++) {
      const at = (from + Math.min(column, width - 1)) * stored;
      canvas.values.set(values.subarray(at, at + stored), (row * columns + column) * stored);
    }
  }
  return { ...canvas, ...(file && { file }) };
}

/**
 * A photo that is a JPEG: restored from its coefficients, as it lies in the file and with the padding
 * of its last blocks; turned upright and cut at the end.
 */
export function jpegJob(photo: Pixels, file: JpegFile, prior: Prior): Job {
  if (prior.channels !== 3)
    throw usageError(`jpeg needs a model of 3 channels, got ${prior.channels}`);
  const operator = jpeg(file);
  const [rows, columns, side] = cellsOf(file);
  const noise = roundingNoise();
  const stored = asStored(photo);
  const measurement = {
    operator,
    noise,
    level: jpegTask.level!(operator),
    shape: [1, rows, columns, prior.channels] as [number, number, number, number],
    crop: (box: Tile) => jpegMeasurement(file, box),
  };
  const shown = (picture: Pixels): Pixels =>
    upright(resizedCanvas(picture, [file.height, file.width]));
  return {
    noise: { std: noise.std, source: 'the rounding of a JPEG' },
    found: jpegText(file),
    damaged: photo,
    plan() {
      const canvas = resizedCanvas(stored, [rows * side, columns * side]);
      const pieces = blockPieces(measurement, canvas, prior);
      return {
        pieces: pieces.map((piece) => ({ ...piece, show: (values) => shown(piece.show(values)) })),
        picture: () => shown(canvas),
      };
    },
  };
}
