import { join } from 'node:path';
import sharp from 'sharp';
import { chart } from '../chart';
import { escapeText } from '../comparison';
import { exists } from './files';
import { mostShown, photosOf } from './pictures';
import { pathOf } from './plan';
import type { EvaluationConfig, ItemRecord, StepRecord } from './saved';
import { meanOf, type Summary } from './summary';
import { show } from './tables';

/** What a report is made of. */
export interface ReportMaterial {
  readonly folder: string;
  readonly config: EvaluationConfig;
  readonly summary: Summary;
  readonly records: readonly ItemRecord[];
  /** Versions and machine, by name. */
  readonly environment: Readonly<Record<string, string>>;
}

const style = `
body { font: 15px/1.5 system-ui, sans-serif; color: #111; background: #fff; max-width: 1200px; margin: 2em auto; padding: 0 1em }
table { border-collapse: collapse; margin: 1em 0 } td, th { padding: .2em .8em; border-bottom: 1px solid #ccc; text-align: right }
td:first-child, th:first-child, td:nth-child(2), th:nth-child(2) { text-align: left } .photos, .charts { display: flex; flex-wrap: wrap; gap: 18px }
figure { margin: 0; width: 256px } figcaption { font-size: 13px; overflow-wrap: anywhere }
.pair { position: relative; width: 256px; --at: 50% } .pair img { width: 100%; display: block; image-rendering: pixelated }
.pair .before { position: absolute; inset: 0; height: 100%; clip-path: inset(0 calc(100% - var(--at)) 0 0) }
.pair::after { content: ""; position: absolute; top: 0; bottom: 0; left: var(--at); width: 2px; margin-left: -1px; background: #fff; box-shadow: 0 0 3px #000 }
.pair input { position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; opacity: 0; cursor: ew-resize; z-index: 1 }
.pair:focus-within { outline: 2px solid #06c }
.extra { display: flex; gap: 4px; margin-top: 4px } .extra img { width: 126px; image-rendering: pixelated }
svg text { font-size: 11px; fill: #444 } svg .title { font-size: 13px; font-weight: bold; fill: #111 }
svg path { fill: none } .thin { stroke: #9bd; stroke-width: 1 } .bold { stroke: #036; stroke-width: 2.5 } .grid { stroke: #ddd }
`;

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string => {
  const cells = (tag: string, row: readonly string[]) =>
    `<tr>${row.map((cell) => `<${tag}>${escapeText(cell)}</${tag}>`).join('')}</tr>`;
  return `<table>${cells('th', head)}${rows.map((row) => cells('td', row)).join('')}</table>`;
};

/** A picture inside the page, as WebP without loss; empty where there is no file. */
async function picture(folder: string, path: string, alt: string, kind = ''): Promise<string> {
  const file = join(folder, path);
  if (!(await exists(file))) return '';
  const bytes = await sharp(file).webp({ lossless: true }).toBuffer();
  const source = `data:image/webp;base64,${bytes.toString('base64')}`;
  return `<img class="${kind}" alt="${escapeText(alt)}" src="${source}">`;
}

/** Measurement and sample of a photo below a slider; several samples have a mean and std. */
async function figure({ folder, summary }: ReportMaterial, task: string, photo: string) {
  const spread = summary.tasks[task]!.psnr!.photos[photo]!;
  const after = await picture(folder, pathOf.sample(task, photo, 0), 'sample');
  const before = await picture(folder, pathOf.picture(task, photo), 'measurement', 'before');
  const extra = [
    await picture(folder, pathOf.photo(photo), 'clean'),
    await picture(folder, pathOf.mean(task, photo), 'mean over samples'),
    await picture(folder, pathOf.deviation(task, photo), 'std over samples'),
  ];
  const names = summary.samples > 1 ? 'clean, mean over samples, std over samples' : 'clean';
  const slide = "this.parentNode.style.setProperty('--at', this.value + '%')";
  return (
    `<figure><div class="pair">${after}${before}` +
    `<input type="range" value="50" aria-label="measurement or sample" oninput="${slide}"></div>` +
    `<div class="extra">${extra.join('')}</div>` +
    `<figcaption>${escapeText(photo)}: PSNR ${show(spread.mean)} dB. Below: ${names}</figcaption></figure>`
  );
}

/** The mean of the curves at each step, over those that are as long. */
const meanCurve = (curves: readonly (readonly number[])[]): number[] =>
  (curves[0] ?? []).map((_, step) => meanOf(curves.map((curve) => curve[step] ?? NaN)));

/** The curves of a task over its steps: a thin line an item, a thick one their mean. */
function charts(records: readonly ItemRecord[]): string {
  const draw = (title: string, pick: (step: StepRecord) => number, logarithmic = false) => {
    const curves = records.flatMap(({ steps }) => (steps ? [steps.map(pick)] : []));
    const thin = curves.slice(0, 50).map((values) => ({ values }));
    return chart(title, [...thin, { values: meanCurve(curves), bold: true }], logarithmic);
  };
  return [
    draw('data error by step', ({ dataError }) => dataError ?? Number.NaN, true),
    draw('PSNR of the estimate by step, dB', ({ psnr }) => psnr),
    draw('angle to the gradient before, degrees', (step) => step.gradientAngle ?? Number.NaN),
  ].join('');
}

async function section(material: ReportMaterial, task: string): Promise<string> {
  const { config, summary, records } = material;
  const photos = photosOf(summary, task);
  const shown = photos.slice(0, mostShown);
  const figures: string[] = [];
  for (const photo of shown) figures.push(await figure(material, task, photo));
  const own = records.filter((record) => record.task === task && record.metrics);
  const seconds = meanOf(own.map((record) => record.seconds ?? NaN));
  const settings = Object.entries(config.settings[task] ?? {}).map(
    ([key, value]) => `${key} ${value}`,
  );
  const count =
    shown.length < photos.length ? `The first ${shown.length} of ${photos.length} photos. ` : '';
  const time = Number.isFinite(seconds) ? `${show(seconds)} s an image. ` : '';
  return (
    `<h2>${escapeText(task)}</h2><p>${escapeText(`${settings.join(', ')}. ${time}${count}`)}</p>` +
    `<div class="charts">${charts(own)}</div><div class="photos">${figures.join('')}</div>`
  );
}

/** The content of `report.html`: one page that needs nothing else. */
export async function reportHtml(material: ReportMaterial): Promise<string> {
  const { config, summary, environment } = material;
  const rows = Object.entries(summary.tasks).flatMap(([task, metrics]) =>
    Object.entries(metrics).map(([name, { mean, std, bestOfSamples }]) => [
      task,
      name,
      show(mean),
      show(std),
      ...(bestOfSamples === undefined ? [] : [show(bestOfSamples)]),
    ]),
  );
  const best = summary.samples > 1 ? [`best of ${summary.samples} (no score of the method)`] : [];
  const sections: string[] = [];
  for (const task of Object.keys(summary.tasks)) sections.push(await section(material, task));
  const { settings: _, ...plain } = config;
  const options = Object.entries(plain).map(([key, value]) => [key, String(value)]);
  const missing = summary.missing.map(({ item, error }) => [item, error]);
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width">',
    `<title>${escapeText(config.sampler)}</title><style>${style}</style></head><body>`,
    `<h1>${escapeText(config.sampler)}</h1>`,
    `<p>${summary.done} of ${summary.items} items done. Mean and std over photos of the mean over `,
    `${summary.samples} sample(s). Drag across a picture: measurement to the left, sample to the right.</p>`,
    table(['task', 'metric', 'mean', 'std', ...best], rows),
    missing.length ? `<h2>Missing</h2>${table(['item', 'why'], missing)}` : '',
    ...sections,
    `<h2>Options</h2>${table(['option', 'value'], options)}`,
    `<h2>Environment</h2>${table(['what', 'value'], Object.entries(environment))}`,
    '</body></html>\n',
  ].join('\n');
}
