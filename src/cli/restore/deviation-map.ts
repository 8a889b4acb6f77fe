import { scaleLinear } from 'd3-scale';
import sharp from 'sharp';
import type { Merged } from './merge-samples';
import { levelsAt, roundMost } from './spread';

type Colour = readonly [red: number, green: number, blue: number];

/** From nothing to most: dark blue, violet, orange, light yellow, of rising lightness. */
const anchors: readonly Colour[] = [
  [0, 0, 30],
  [60, 15, 110],
  [150, 40, 105],
  [220, 80, 60],
  [250, 155, 30],
  [252, 255, 190],
];

const shade = scaleLinear<readonly number[]>()
  .domain(anchors.map((_, i) => i / (anchors.length - 1)))
  .range(anchors)
  .clamp(true);

/** The colour of a share of the scale, in [0, 1]. */
const colourOf = (share: number): readonly number[] => shade(share);

/** A hexadecimal colour of SVG. */
const hex = (share: number): string =>
  `#${colourOf(share)
    .map((part) => Math.round(part).toString(16).padStart(2, '0'))
    .join('')}`;

/** Small maps are enlarged to about this side, each pixel a square. */
const side = 320;
const legendHeight = 56;

/** The scale as a bar with ticks: which colour is how many grey levels. */
function legend(width: number, most: number): string {
  const [left, right] = [14, width - 22];
  const at = scaleLinear([0, most], [left, right]);
  const stops = anchors
    .map((_, i) => i / (anchors.length - 1))
    .map((share) => `<stop offset="${share}" stop-color="${hex(share)}"/>`);
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const levels = share * most;
    const more = share === 1 ? '+' : '';
    return `<text x="${at(levels)}" y="34" text-anchor="middle">${+levels.toFixed(1)}${more}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${legendHeight}">
    <rect width="100%" height="100%" fill="#fff"/>
    <defs><linearGradient id="scale">${stops.join('')}</linearGradient></defs>
    <rect x="${left}" y="6" width="${right - left}" height="14" fill="url(#scale)"/>
    <g font-family="sans-serif" font-size="13" fill="#111">${ticks.join('')}
      <text x="${width / 2}" y="51" text-anchor="middle">standard deviation, grey levels of 255</text></g></svg>`;
}

/** The colours of a deviation as bytes, three a pixel. */
function coloured(merged: Pick<Merged, 'deviation'>, most: number): Uint8Array {
  const { values } = merged.deviation;
  const levels = levelsAt(merged);
  const table = Array.from({ length: 256 }, (_, i) => colourOf(i / 255).map(Math.round));
  const bytes = new Uint8Array(3 * values.length);
  for (let at = 0; at < values.length; at++)
    bytes.set(table[Math.min(255, Math.round((levels(at) / most) * 255))]!, 3 * at);
  return bytes;
}

/** The standard deviation of samples as a coloured PNG, with its scale below. */
export async function deviationMap(merged: Pick<Merged, 'deviation'>): Promise<Buffer> {
  const [height, width] = merged.deviation.shape;
  const most = roundMost(merged);
  const factor = Math.max(1, Math.round(side / Math.max(height, width)));
  const map = await sharp(coloured(merged, most), { raw: { width, height, channels: 3 } })
    .resize(width * factor, height * factor, { kernel: 'nearest' })
    .png()
    .toBuffer();
  const across = Math.max(side, width * factor);
  return sharp({
    create: {
      width: across,
      height: height * factor + legendHeight,
      channels: 3,
      background: '#fff',
    },
    limitInputPixels: false,
  })
    .composite([
      { input: map, top: 0, left: (across - width * factor) >> 1, limitInputPixels: false },
      { input: Buffer.from(legend(across, most)), top: height * factor, left: 0 },
    ])
    .png()
    .toBuffer();
}
