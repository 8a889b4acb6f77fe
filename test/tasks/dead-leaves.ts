import type { GrayImage } from 'spgd/tasks';
import { uniformGenerator } from '../../src/internal/random';

/**
 * Dead leaves: discs of random sizes, places and greys that hide each other. Their spectrum falls off
 * like that of photos. Reference: Lee, Mumford and Huang, "Occlusion models for natural images", IJCV 2001.
 */
export function deadLeaves(height: number, width: number, seed: number): GrayImage {
  const uniform = uniformGenerator('measure', seed);
  const values = new Float32Array(height * width);
  const [least, most] = [2, Math.max(height, width) / 3];
  for (let leaf = 0; leaf < 2500; leaf++) {
    // Radii with the density r⁻³.
    const radius = (least ** -2 - uniform() * (least ** -2 - most ** -2)) ** -0.5;
    const [y, x] = [height * uniform(), width * uniform()];
    const grey = 1.4 * uniform() - 0.7;
    for (let row = Math.max(0, Math.ceil(y - radius)); row < Math.min(height, y + radius); row++)
      for (let at = Math.max(0, Math.ceil(x - radius)); at < Math.min(width, x + radius); at++)
        if ((row - y) ** 2 + (at - x) ** 2 < radius ** 2) values[row * width + at] = grey;
  }
  return { values, height, width };
}

/** A grey image under a kernel, mirrored at its border, with noise that a generator gives. */
export function blurred(
  { values, height, width }: GrayImage,
  kernel: readonly (readonly number[])[],
  noise: () => number = () => 0,
): GrayImage {
  const reach = kernel.length >> 1;
  const inside = (at: number, size: number) => (at < 0 ? -at : at >= size ? 2 * size - 2 - at : at);
  const result = Float32Array.from({ length: height * width }, (_, place) => {
    const [y, x] = [Math.floor(place / width), place % width];
    let sum = 0;
    kernel.forEach((row, v) => {
      row.forEach((tap, u) => {
        if (tap > 1e-6)
          sum +=
            tap * values[inside(y + v - reach, height) * width + inside(x + u - reach, width)]!;
      });
    });
    return sum + noise();
  });
  return { values: result, height, width };
}
