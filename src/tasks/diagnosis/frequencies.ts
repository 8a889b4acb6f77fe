import { windowSide } from './power-spectrum';

/** A frequency that is looked at, in cycles a pixel: `x` to the right, `y` upward. */
export interface Frequency {
  readonly x: number;
  readonly y: number;
  /** Its place in a power spectrum. */
  readonly at: number;
}

/** The lowest frequency that is looked at, in steps of the spectrum: below, the window shows. */
const lowest = 2.5;

/** One half of the plane, since the other is its mirror image, up to the Nyquist frequency. */
export const frequencies: readonly Frequency[] = Array.from(
  { length: windowSide ** 2 },
  (_, at): Frequency => {
    const signed = (k: number) => (k < windowSide / 2 ? k : k - windowSide) / windowSide;
    return { x: signed(at % windowSide), y: -signed(Math.floor(at / windowSide)), at };
  },
).filter(({ x, y }) => {
  const radius = Math.hypot(x, y);
  const isHalf = x > 0 || (x === 0 && y > 0);
  return isHalf && radius * windowSide >= lowest && radius <= 0.5;
});

/** The squared response of a blur, `|K(f)|²`. */
export type Response = (x: number, y: number) => number;

/** The values of a plane, averaged over neighbours as a Hann window does. */
function smoothed(plane: Float64Array): Float64Array {
  const n = windowSide;
  const along = (values: Float64Array, place: (line: number, k: number) => number) => {
    const result = new Float64Array(n * n);
    for (let line = 0; line < n; line++)
      for (let k = 0; k < n; k++) {
        const around = values[place(line, (k + 1) % n)]! + values[place(line, (k + n - 1) % n)]!;
        result[place(line, k)] = (4 * values[place(line, k)]! + around) / 6;
      }
    return result;
  };
  const rows = along(plane, (line, k) => line * n + k);
  return along(rows, (line, k) => k * n + line);
}

/** A squared response as a Hann window shows it: averaged over neighbouring frequencies. */
export function seenThroughWindow(response: Response): Float64Array {
  const signed = (k: number) => (k < windowSide / 2 ? k : k - windowSide) / windowSide;
  const plane = Float64Array.from({ length: windowSide ** 2 }, (_, at) =>
    response(signed(at % windowSide), -signed(Math.floor(at / windowSide))),
  );
  const seen = smoothed(plane);
  return Float64Array.from(frequencies, ({ at }) => seen[at]!);
}
