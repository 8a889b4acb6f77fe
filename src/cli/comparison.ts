import * as tf from '@tensorflow/tfjs';
import sharp from 'sharp';
import { readImage } from 'spgd/node';

/** One image of the picture, and the two lines below it. */
export interface Panel {
  readonly title: string;
  readonly detail: string;
  /** `[1, height, width, 3]`, values in [-1, 1]. */
  readonly image: tf.Tensor4D;
}

const side = 256;
const gap = 12;
const captionHeight = 52;

/** Text as it may stand in SVG and HTML, between tags and in attributes. */
export const escapeText = (text: string): string =>
  text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);

const captionSvg = ({ title, detail }: Panel, width: number): string => `
  <svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${captionHeight}">
    <g font-family="sans-serif" text-anchor="middle" fill="#111">
      <text x="${width / 2}" y="20" font-size="16" font-weight="bold">${escapeText(title)}</text>
      <text x="${width / 2}" y="42" font-size="15">${escapeText(detail)}</text>
    </g>
  </svg>`;

/** The lines below a panel, as an image; `readImage` takes no SVG. */
const captionOf = async (panel: Panel, width: number): Promise<tf.Tensor4D> =>
  readImage(
    await sharp(Buffer.from(captionSvg(panel, width)))
      .png()
      .toBuffer(),
  );

/** Larger by a whole factor, each pixel a square. */
function magnify(image: tf.Tensor4D): tf.Tensor4D {
  const [, height, width] = image.shape;
  const factor = Math.max(1, Math.round(side / Math.max(height, width)));
  return tf.image.resizeNearestNeighbor(image, [height * factor, width * factor]);
}

/** Centred on white, in a frame of this size. */
function frame(image: tf.Tensor4D, height: number, width: number): tf.Tensor4D {
  const [, ownHeight, ownWidth] = image.shape;
  const top = (height - ownHeight) >> 1;
  const left = (width - ownWidth) >> 1;
  const rows: [number, number] = [top, height - ownHeight - top];
  return tf.pad(image, [[0, 0], rows, [left, width - ownWidth - left], [0, 0]], 1);
}

/** One picture of all panels side by side with their captions, small images enlarged. */
export async function comparison(panels: readonly Panel[]): Promise<tf.Tensor4D> {
  const images = panels.map(({ image }) => tf.tidy(() => magnify(image)));
  const height = Math.max(...images.map((image) => image.shape[1]));
  const width = Math.max(...images.map((image) => image.shape[2]));
  const captions = await Promise.all(panels.map((panel) => captionOf(panel, width)));
  const picture = tf.tidy(() => {
    const framed = images.map((image, i) =>
      tf.pad(tf.concat([frame(image, height, width), captions[i]!], 1), margins, 1),
    );
    return tf.concat(framed, 2);
  });
  tf.dispose([images, captions]);
  return picture;
}

const margins: [number, number][] = [
  [0, 0],
  [gap, 0],
  [gap >> 1, gap >> 1],
  [0, 0],
];
