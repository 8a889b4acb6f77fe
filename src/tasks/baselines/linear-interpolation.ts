import * as tf from '@tensorflow/tfjs';
import { Delaunay } from 'd3-delaunay';
import type { Baseline } from './baseline';

/** Called for each pixel: known pixels and their weights, which sum to 1. */
type Mix = (pixel: number, sources: readonly number[], weights: readonly number[]) => void;

/** Walks over the pixels inside each triangle of known pixels, with their barycentric weights. */
function insideHull(
  triangles: ArrayLike<number>,
  known: readonly number[],
  width: number,
  mix: Mix,
) {
  for (let t = 0; t + 2 < triangles.length; t += 3) {
    const corners = [0, 1, 2].map((k) => known[triangles[t + k]!]!);
    const [x0, x1, x2] = corners.map((pixel) => pixel % width) as [number, number, number];
    const [y0, y1, y2] = corners.map((pixel) => Math.floor(pixel / width)) as [
      number,
      number,
      number,
    ];
    const area = (y1 - y2) * (x0 - x2) + (x2 - x1) * (y0 - y2);
    if (area === 0) continue;
    for (let y = Math.min(y0, y1, y2); y <= Math.max(y0, y1, y2); y++)
      for (let x = Math.min(x0, x1, x2); x <= Math.max(x0, x1, x2); x++) {
        const a = ((y1 - y2) * (x - x2) + (x2 - x1) * (y - y2)) / area;
        const b = ((y2 - y0) * (x - x2) + (x0 - x2) * (y - y2)) / area;
        const weights = [a, b, 1 - a - b];
        if (weights.every((weight) => weight >= -1e-9)) mix(y * width + x, corners, weights);
      }
  }
}

/** Fills `values` (pixels of `channels` numbers) from the known pixels. */
function interpolate(
  values: Float32Array,
  known: readonly number[],
  width: number,
  channels: number,
) {
  const missing = new Set(Array.from({ length: values.length / channels }, (_, pixel) => pixel));
  for (const pixel of known) missing.delete(pixel);
  const points = known.map((pixel): [number, number] => [pixel % width, Math.floor(pixel / width)]);
  const delaunay = Delaunay.from(points);
  const mix: Mix = (pixel, sources, weights) => {
    if (!missing.delete(pixel)) return;
    for (let channel = 0; channel < channels; channel++)
      values[pixel * channels + channel] = sources.reduce(
        (sum, source, k) => sum + weights[k]! * values[source * channels + channel]!,
        0,
      );
  };
  if (known.length > 2) insideHull(delaunay.triangles, known, width, mix);
  for (const pixel of missing) {
    const nearest = known[delaunay.find(pixel % width, Math.floor(pixel / width))]!;
    mix(pixel, [nearest], [1]);
  }
}

/**
 * Linear interpolation over missing pixels: barycentric in the Delaunay triangles of the known ones,
 * and the nearest known pixel outside their hull. Known pixels stay as measured, the same in all
 * channels; without any, the image is 0.
 */
export const linearInterpolation: Baseline = {
  name: 'linear interpolation',
  async restore({ operator, measurement }) {
    const mask = tf.tidy(() => operator.forward(tf.onesLike(measurement)));
    const seen = await mask.data();
    mask.dispose();
    const values = Float32Array.from(await measurement.data());
    const [, height, width, channels] = measurement.shape;
    const pixels = Array.from({ length: height * width }, (_, pixel) => pixel);
    const known = pixels.filter((pixel) => seen[pixel * channels]! > 0);
    if (known.length) interpolate(values, known, width, channels);
    return tf.tidy(() => tf.clipByValue(tf.tensor4d(values, measurement.shape), -1, 1));
  },
};
