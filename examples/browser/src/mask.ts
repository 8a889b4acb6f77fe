/** A place in a picture, in pixels from its top left corner. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Distance of a point to a line from `a` to `b`. */
function distance({ x, y }: Point, a: Point, b: Point): number {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const along = ((x - a.x) * dx + (y - a.y) * dy) / (dx * dx + dy * dy || 1);
  const t = Math.min(1, Math.max(0, along));
  return Math.hypot(x - a.x - t * dx, y - a.y - t * dy);
}

/** Sets every pixel whose centre is within `radius` of a line to `value`. */
export function paintLine(
  mask: { readonly missing: Uint8Array; readonly width: number; readonly height: number },
  [a, b]: readonly [Point, Point],
  radius: number,
  value: 0 | 1,
): void {
  const { missing, width, height } = mask;
  const from = (p: number, q: number) => Math.max(0, Math.floor(Math.min(p, q) - radius));
  const to = (p: number, q: number, end: number) =>
    Math.min(end, Math.ceil(Math.max(p, q) + radius));
  for (let row = from(a.y, b.y); row < to(a.y, b.y, height); row++)
    for (let column = from(a.x, b.x); column < to(a.x, b.x, width); column++)
      if (distance({ x: column + 0.5, y: row + 0.5 }, a, b) <= radius)
        missing[row * width + column] = value;
}
