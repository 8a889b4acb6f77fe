import type { Picture } from 'spgd/browser';

/** Grey levels of standard deviation at which the map is brightest. */
const brightest = 25;

/** The standard deviation of samples as a picture: black where they agree, yellow where they differ. */
export function uncertaintyMap({ width, height }: Picture, deviation: Float32Array): Picture {
  const values = new Uint8ClampedArray(4 * width * height);
  for (let at = 0; at < width * height; at++) {
    const share = Math.min(1, deviation[at]! / brightest);
    values.set([255, 40 + 200 * share, 30, 230 * Math.sqrt(share)], 4 * at);
  }
  return { width, height, values };
}
