import * as tf from '@tensorflow/tfjs';
import { addToMoments, momentsStd, type RunningMoments } from 'spgd';
import type { Pixels } from 'spgd/node';
import type { Journal } from './journal';
import type { Job } from './order';
import { blankPixels, coloursOf } from './photo-pixels';
import type { Piece } from './pieces';

/** Mean and spread of the samples of a photo. */
export interface Merged {
  readonly count: number;
  /** The mean as a picture. */
  readonly mean: Pixels;
  /**
   * The standard deviation of each pixel (root mean square over colours), one channel of 16 bits: white
   * is 1 on the [-1, 1] scale, half of the range; 0 where nothing was restored.
   */
  readonly deviation: Pixels;
  /** The pieces that were restored. */
  readonly pieces: readonly Piece[];
}

/** One piece of a sample, as its journal holds it; in gray, for a gray picture. */
async function savedPiece(journal: Journal, piece: number, colours: number): Promise<tf.Tensor4D> {
  const saved = (await journal.load(piece))!;
  const { x } = saved.state;
  const image = tf.tidy(() => (colours === 1 ? tf.mean(x, 3, true) : tf.clone(x)) as tf.Tensor4D);
  tf.dispose(saved.state as tf.TensorContainer);
  return image;
}

/** Mean and spread over the samples of one piece; the caller disposes them. */
async function pieceMoments(
  journals: readonly Journal[],
  piece: number,
  colours: number,
): Promise<RunningMoments> {
  let moments: RunningMoments | undefined;
  for (const journal of journals) {
    const x = await savedPiece(journal, piece, colours);
    const before = moments ?? { count: 0, mean: tf.zerosLike(x), squares: tf.zerosLike(x) };
    moments = addToMoments(before, x);
    tf.dispose([x, before.mean, before.squares]);
  }
  return moments!;
}

/**
 * Mean and spread of finished samples, piece by piece from their journals: memory holds one piece of
 * two samples, whatever the size of the photo and the number of samples.
 */
export async function mergeSamples(job: Job, journals: readonly Journal[]): Promise<Merged> {
  const { pieces, picture } = job.plan();
  const mean = picture();
  const deviation = blankPixels([mean.shape[0], mean.shape[1], 1], 65535);
  for (const [i, piece] of pieces.entries()) {
    const moments = await pieceMoments(journals, i, coloursOf(mean));
    const spread = tf.tidy(() => {
      const variance = tf.square(momentsStd(moments));
      return tf.sub(tf.mul(tf.sqrt(tf.mean(variance, 3)), 2), 1);
    });
    piece.paste(deviation, await spread.data());
    piece.accept(await moments.mean.data());
    tf.dispose([moments.mean, moments.squares, spread]);
  }
  return { count: journals.length, mean, deviation, pieces };
}
