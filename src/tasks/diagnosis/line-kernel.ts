/** Points of a line for each pixel of its length. */
const density = 20;

/**
 * The streak of a camera that moved straight: a line through the centre, drawn with anti-aliasing.
 * `[k, k]`, non-negative, with sum 1, k odd.
 *
 * @param length Length in pixels, > 0.
 * @param angle Direction in degrees, anticlockwise from the rows.
 */
export function lineKernel(length: number, angle: number): number[][] {
  const middle = Math.floor(length / 2) + 1;
  const side = 2 * middle + 1;
  const kernel = Array.from({ length: side }, () => new Array<number>(side).fill(0));
  const count = Math.ceil(density * length);
  const [down, right] = [-Math.sin((angle * Math.PI) / 180), Math.cos((angle * Math.PI) / 180)];
  for (let i = 0; i < count; i++) {
    const t = length * ((i + 0.5) / count - 0.5);
    const [y, x] = [middle + t * down, middle + t * right];
    const [row, column] = [Math.floor(y), Math.floor(x)];
    const [v, u] = [y - row, x - column];
    const add = (dy: 0 | 1, dx: 0 | 1, share: number) => {
      if (share > 0) kernel[row + dy]![column + dx]! += share / count;
    };
    add(0, 0, (1 - v) * (1 - u));
    add(0, 1, (1 - v) * u);
    add(1, 0, v * (1 - u));
    add(1, 1, v * u);
  }
  return kernel;
}
