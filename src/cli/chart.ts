import { scaleLinear, scaleLog } from 'd3-scale';
import { line } from 'd3-shape';
import { escapeText } from './comparison';

/** A curve, over the steps unless it says otherwise. */
export interface Curve {
  readonly values: readonly number[];
  /** Where on the x axis each value lies, rising; without it at 1, 2, … */
  readonly at?: readonly number[];
  /** Drawn in front and thick: the mean. */
  readonly bold?: boolean;
}

const width = 360;
const height = 200;
const margin = { left: 46, right: 10, top: 26, bottom: 30 };

/** Curves as SVG; on a logarithmic axis values that are not > 0 are left out. */
export function chart(title: string, curves: readonly Curve[], logarithmic = false): string {
  const drawn = (value: number) => Number.isFinite(value) && (!logarithmic || value > 0);
  const values = curves.flatMap((curve) => curve.values.filter(drawn));
  if (values.length === 0) return '';
  const placeOf = ({ at }: Curve, i: number) => at?.[i] ?? i + 1;
  const places = curves.flatMap((curve) => curve.values.map((_, i) => placeOf(curve, i)));
  const ends = [Math.min(...places), Math.max(...places)];
  const x = scaleLinear(ends, [margin.left, width - margin.right]);
  const range = [height - margin.bottom, margin.top];
  const domain = [Math.min(...values), Math.max(...values)];
  const y = (logarithmic ? scaleLog(domain, range) : scaleLinear(domain, range)).nice();
  const pathOf = (curve: Curve) =>
    line<number>()
      .defined(drawn)
      .x((_, i) => x(placeOf(curve, i)))
      .y((value) => y(value))(curve.values);
  // A linear axis has its own format; powers of ten are short as such.
  const label = logarithmic ? y.tickFormat(5, '~g') : y.tickFormat(5);
  const grid = y.ticks(5).map((tick) => {
    const at = y(tick).toFixed(1);
    return (
      `<line x1="${margin.left}" x2="${width - margin.right}" y1="${at}" y2="${at}" class="grid"/>` +
      `<text x="${margin.left - 6}" y="${at}" dy="4" text-anchor="end">${label(tick)}</text>`
    );
  });
  const placed = curves.some(({ at }) => at);
  const below = x
    .ticks(5)
    .filter((tick) => placed || Number.isInteger(tick))
    .map((tick) => `<text x="${x(tick)}" y="${height - 10}" text-anchor="middle">${tick}</text>`);
  const thick = (curve: Curve) => (curve.bold ? 1 : 0);
  const lines = [...curves]
    .sort((a, b) => thick(a) - thick(b))
    .map((curve) => `<path d="${pathOf(curve)}" class="${curve.bold ? 'bold' : 'thin'}"/>`);
  return (
    `<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">` +
    `<title>${escapeText(title)}</title>` +
    `<text x="${margin.left}" y="16" class="title">${escapeText(title)}</text>` +
    `${[...grid, ...below, ...lines].join('')}</svg>`
  );
}
