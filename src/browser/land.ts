import type { Tile } from 'spgd';
import { type Block, rampOf } from 'spgd/tasks';
import type { Picture } from './picture';

/** How much of a restored block counts at a pixel of the result, in [0, 1]. */
export type Weight = (y: number, x: number) => number;

/** Pixels over which neighbouring blocks are blended. */
const seam = 16;

/** Pixels over which a region fades into what surrounds it. */
const feather = 8;

const times = (scale: number, { top, left, height, width }: Tile): Tile => ({
  top: scale * top,
  left: scale * left,
  height: scale * height,
  width: scale * width,
});

/** A block in pixels of the result. */
export const scaledBlock = ({ core, window }: Block, scale: number): Block => ({
  core: times(scale, core),
  window: times(scale, window),
});

/** Fades towards those edges of a box that are not edges of the whole. */
function fade(box: Tile, whole: { height: number; width: number }): Weight {
  const axis = (from: number, length: number, end: number) => (at: number) => {
    if (at < from || at >= from + length) return 0;
    const before = from === 0 ? feather : at - from + 0.5;
    const after = from + length === end ? feather : from + length - at - 0.5;
    return Math.min(1, before / feather, after / feather);
  };
  const down = axis(box.top, box.height, whole.height);
  const across = axis(box.left, box.width, whole.width);
  return (y, x) => down(y) * across(x);
}

/** The weights of a block of a region: a ramp to the blocks before it, a fade at the region's edge. */
export function blockWeight(
  block: Block,
  region: Tile,
  whole: { height: number; width: number },
): Weight {
  const [ramp, edge] = [rampOf(block, seam), fade(region, whole)];
  return (y, x) => ramp(y, x) * edge(y, x);
}

/** Blends a restored window into a picture that begins at `origin`; alpha stays as it is. */
export function land(
  target: Picture,
  origin: Pick<Tile, 'top' | 'left'>,
  { picture, window }: { picture: Picture; window: Tile },
  weight: Weight,
): void {
  const to = target.values;
  const from = picture.values;
  const top = Math.max(window.top, origin.top);
  const bottom = Math.min(window.top + window.height, origin.top + target.height);
  const left = Math.max(window.left, origin.left);
  const right = Math.min(window.left + window.width, origin.left + target.width);
  for (let y = top; y < bottom; y++)
    for (let x = left; x < right; x++) {
      const share = weight(y, x);
      if (share === 0) continue;
      const at = 4 * ((y - origin.top) * target.width + x - origin.left);
      const own = 4 * ((y - window.top) * window.width + x - window.left);
      for (let c = 0; c < 3; c++) to[at + c] = to[at + c]! + share * (from[own + c]! - to[at + c]!);
    }
}
