import sharp from 'sharp';
import type { Pixels } from 'spgd/node';
import { escapeText } from '../comparison';
import { inventedBeyond, type RegionSpread } from './spread';

/** Pictures of a report are reduced to this side in pixels. */
const side = 512;

/** Samples that a report shows. */
export const mostShown = 16;

/** A picture as the source of an `img`: WebP, at most `side` pixels. */
export async function pictureSource(picture: Pixels | Buffer): Promise<string> {
  const image = Buffer.isBuffer(picture) ? sharp(picture) : rawOf(picture);
  const webp = await image
    .resize(side, side, { fit: 'inside', withoutEnlargement: true })
    .webp({ quality: 90 })
    .toBuffer();
  return `data:image/webp;base64,${webp.toString('base64')}`;
}

function rawOf({ values, shape: [height, width, channels], white }: Pixels) {
  const bytes = white === 255 ? (values as Uint8Array) : Uint8Array.from(values, (v) => v >> 8);
  return sharp(bytes, {
    raw: { width, height, channels: channels as 1 | 2 | 3 | 4 },
    limitInputPixels: false,
  });
}

/** What a report of several samples is made of; pictures are sources of `img`. */
export interface ReportParts {
  readonly title: string;
  /** Sentences above the pictures. */
  readonly text: readonly string[];
  readonly damaged?: string;
  readonly mean: string;
  readonly map: string;
  readonly samples: readonly string[];
  readonly regions: readonly RegionSpread[];
}

const style = `
body { font: 15px/1.5 system-ui, sans-serif; color: #111; background: #fff; max-width: 1100px; margin: 2em auto; padding: 0 1em }
.pictures { display: flex; flex-wrap: wrap; gap: 14px; align-items: flex-start } figure { margin: 0 } figcaption { font-size: 13px }
img { width: 320px; display: block; image-rendering: pixelated } .small img { width: 200px }
table { border-collapse: collapse } td, th { padding: .2em .8em; border-bottom: 1px solid #ccc; text-align: right }
button { font: inherit; margin: .5em 0 }
`;

/** Shows one sample after another at one place; it starts at a click, as flicker can hurt. */
const script = `
const all = JSON.parse(document.getElementById('sources').textContent);
const image = document.getElementById('flicker'), name = document.getElementById('which');
const button = document.getElementById('play');
let at = 0, timer;
const show = (step) => {
  at = (at + step + all.length) % all.length;
  image.src = all[at];
  name.textContent = 'sample ' + (at + 1) + ' of ' + all.length;
};
button.onclick = () => {
  timer = timer ? clearInterval(timer) : setInterval(() => show(1), 400);
  button.textContent = timer ? 'Stop' : 'Flicker';
};
document.getElementById('next').onclick = () => show(1);
show(0);
`;

const figure = (source: string, caption: string): string =>
  `<figure><img alt="${escapeText(caption)}" src="${source}"><figcaption>${escapeText(caption)}</figcaption></figure>`;

const row = ({ top, left, height, width, pixels, mean, invented }: RegionSpread): string => {
  const cells = [`${left}, ${top}`, `${width} x ${height}`, pixels, mean.toFixed(1)];
  return `<tr>${[...cells, `${(100 * invented).toFixed(0)} %`].map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
};

/** A page that needs nothing else: mean, map, samples side by side, and one place where they flicker. */
export function samplesReport({
  title,
  text,
  damaged,
  mean,
  map,
  samples,
  regions,
}: ReportParts): string {
  const head = ['left, top', 'size', 'restored pixels', 'mean deviation, grey levels', 'invented'];
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width">',
    `<title>${escapeText(title)}</title><style>${style}</style></head><body>`,
    `<h1>${escapeText(title)}</h1>`,
    ...text.map((sentence) => `<p>${escapeText(sentence)}</p>`),
    '<div class="pictures">',
    damaged ? figure(damaged, 'damaged') : '',
    figure(mean, 'mean of the samples'),
    figure(map, 'standard deviation of the samples'),
    '</div><h2>Samples at one place</h2>',
    '<button id="play" type="button">Flicker</button> <button id="next" type="button">Next</button>',
    `<figure><img id="flicker" alt="one sample" src="${samples[0]}"><figcaption id="which"></figcaption></figure>`,
    '<h2>Samples side by side</h2><div class="pictures small">',
    ...samples.map((source, i) => figure(source, `sample ${i + 1}`)),
    '</div><h2>Regions</h2>',
    `<p>Invented: the 90 % interval of a pixel reaches more than ${inventedBeyond} grey levels from the mean.</p>`,
    `<table><tr>${head.map((cell) => `<th>${cell}</th>`).join('')}</tr>${regions.map(row).join('')}</table>`,
    `<script type="application/json" id="sources">${JSON.stringify(samples)}</script>`,
    `<script>${script}</script></body></html>\n`,
  ].join('\n');
}
