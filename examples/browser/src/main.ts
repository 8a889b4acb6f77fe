import astronaut from '../../../photos/astronaut.png?url';
import chelsea from '../../../photos/chelsea.png?url';
import coffee from '../../../photos/coffee.png?url';
import smallAstronaut from '../thumbnails/astronaut.webp';
import smallChelsea from '../thumbnails/chelsea.webp';
import smallCoffee from '../thumbnails/coffee.webp';
import { compareSlider } from './compare-slider';
import { equivalentCode } from './equivalent-code';
import { jobForm } from './job-form';
import { maskPainter } from './mask-painter';
import type { BackendName, Job, Picture, Plan, Report } from './messages';
import { fitted, pngOf, readPhoto, show } from './photo';
import { startRestorer } from './restorer';

type State = 'empty' | 'ready' | 'running' | 'done';

const find = <E extends HTMLElement>(id: string) => document.getElementById(id) as E;
const [before, after, maskCanvas] = ['before', 'after', 'mask'].map(find<HTMLCanvasElement>);
const panel = find<HTMLFormElement>('panel');
const sheet = find('sheet');

let state: State = 'empty';
/** The photo as it was read, and at the size that is worked on. */
let photo: Picture | undefined;
let working: Picture | undefined;
let job: Job | undefined;
let started = 0;
let isReady = false;

const say = (text: string) => {
  find('status').textContent = text;
};
const complain = (text: string) => {
  find('error').textContent = text;
};

/** A time as a person says it. */
function spoken(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

const megabytes = (bytes: number) =>
  bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;

const isRepair = () => form.choices().task === 'repair';

function enter(next: State): void {
  state = next;
  document.body.dataset.state = next;
  for (const part of document.querySelectorAll<HTMLElement>('[data-when]'))
    part.hidden = !part.dataset.when!.split(' ').includes(next);
  const paints = next === 'ready' && isRepair();
  maskCanvas!.hidden = find('brush').hidden = !paints;
  after!.hidden = next === 'empty' || next === 'ready';
  if (next !== 'done') slider.hide();
  for (const part of panel.querySelectorAll('fieldset, input, select'))
    (part as HTMLInputElement).disabled = next === 'running';
  find('restore').toggleAttribute('disabled', next === 'running' || next === 'empty' || !isReady);
}

function sized({ width, height }: Picture): void {
  sheet.style.setProperty('--ratio', String(width / height));
}

const slider = compareSlider(find('split'), sheet, [find('tag-before'), find('tag-after')]);

const painter = maskPainter(
  maskCanvas!,
  () => ({
    radius: (Number(find<HTMLInputElement>('brush-size').value) * before!.width) / 600,
    erases: find<HTMLInputElement>('erase').checked,
  }),
  (painted) => {
    if (state !== 'ready' || !isRepair()) return;
    say(painted ? `${painted} pixels are marked.` : 'Nothing is marked.');
    forecast();
  },
);

const form = jobForm(panel, () => {
  if (!photo) return;
  prepare();
});

/** Shows the photo at the size that is worked on. */
function prepare(): void {
  const { side, task, isDamaged, scale } = form.choices();
  working = fitted(photo!, side, task === 'enlarge' && !isDamaged ? scale : 1);
  show(before!, working);
  sized(working);
  painter.resize(working.width, working.height);
  find('caption').textContent = `${working.width} × ${working.height} pixels`;
  enter('ready');
  forecast();
}

function jobNow(): Job {
  const { side: _, ...choices } = form.choices();
  const missing = choices.task === 'repair' ? { missing: painter.missing.slice() } : {};
  return { ...choices, photo: working!, ...missing };
}

let due: ReturnType<typeof setTimeout> | undefined;
function forecast(): void {
  clearTimeout(due);
  const unpainted = isRepair() && !painter.missing.includes(1);
  find('estimate').textContent = unpainted ? 'Paint over what is to be repaired.' : '';
  find('restore').toggleAttribute('disabled', unpainted || !isReady || state === 'running');
  if (!isReady || state !== 'ready' || unpainted || !panel.checkValidity()) return;
  due = setTimeout(() => restorer.plan(jobNow()), 150);
}

function showPlan({ seconds, bytes, tiles, passes }: Plan): void {
  find('estimate').textContent =
    `About ${spoken(seconds)} and ${megabytes(bytes)} of memory: ` +
    `${passes} passes over ${tiles} tile${tiles > 1 ? 's' : ''}.`;
}

const decibels = (psnr: number | null) => (psnr === null ? '' : `, ${psnr.toFixed(1)} dB`);

async function finish(report: Extract<Report, { kind: 'done' }>): Promise<void> {
  show(after!, report.picture);
  sized(report.picture);
  find('tag-after').textContent = `After${decibels(report.psnr)}`;
  find<HTMLAnchorElement>('download').href = await pngOf(after!);
  document.body.dataset.held = JSON.stringify(report.held);
  document.body.dataset.psnr = String(report.psnr);
  enter('done');
  slider.show();
  say(`Restored in ${spoken(report.milliseconds / 1000)}.`);
  find('split').focus({ preventScroll: true });
}

const handlers: { [K in Report['kind']]: (report: Extract<Report, { kind: K }>) => void } = {
  loading({ loaded, total }) {
    Object.assign(find('loading'), { hidden: false, max: total || 1, value: total ? loaded : 0 });
    say(`The model loads: ${megabytes(loaded)}${total ? ` of ${megabytes(total)}` : ''}`);
  },
  backend({ backend }) {
    const titles = { webgpu: 'WebGPU', 'wasm-threads': 'WebAssembly', wasm: 'WebAssembly' };
    find('backend').textContent = `Computed by ${titles[backend.name]}: ${backend.reason}.`;
    document.body.dataset.backend = backend.name;
  },
  ready({ tuned, times }) {
    isReady = true;
    find('loading').hidden = true;
    document.body.dataset.times = JSON.stringify(times);
    form.setTuned(tuned);
    say('Ready.');
    if (state === 'ready') forecast();
  },
  plan: ({ plan }) => showPlan(plan),
  measurement({ picture, psnr }) {
    show(before!, picture);
    show(after!, picture);
    find('tag-before').textContent = `Before${decibels(psnr)}`;
  },
  progress({ share }) {
    const elapsed = (performance.now() - started) / 1000;
    find<HTMLProgressElement>('progress').value = share;
    find('eta').textContent = `about ${spoken((elapsed * (1 - share)) / share)} left`;
  },
  step({ step, steps, picture }) {
    show(after!, picture);
    sized(picture);
    say(`Step ${step} of ${steps}`);
  },
  done: finish,
  cancelled() {
    prepare();
    say('Cancelled.');
  },
  failed({ message }) {
    complain(message);
    find('loading').hidden = true;
    say(isReady ? 'Not restored.' : 'Nothing can be computed here.');
    if (state === 'running') prepare();
  },
  lost({ message }) {
    isReady = false;
    complain(
      `WebGPU stopped (${message}). The page goes on with WebAssembly: press Restore again.`,
    );
    if (state === 'running') prepare();
  },
};

const wanted = new URLSearchParams(location.search).get('backend') as BackendName | null;
const restorer = startRestorer(
  new URL('light/model.json', document.baseURI).href,
  wanted ? [wanted] : undefined,
  (report) => handlers[report.kind](report as never),
);

async function take(file: Blob & { name?: string }): Promise<void> {
  complain('');
  try {
    photo = await readPhoto(file);
  } catch (error) {
    complain((error as Error).message);
    return;
  }
  form.setPhoto(photo, file.type === 'image/jpeg');
  painter.clear();
  prepare();
  say('Photo ready.');
}

panel.addEventListener('submit', (event) => {
  event.preventDefault();
  complain('');
  clearTimeout(due);
  job = jobNow();
  started = performance.now();
  find('eta').textContent = 'starting';
  find<HTMLProgressElement>('progress').value = 0;
  show(after!, working!);
  enter('running');
  restorer.restore(job);
  find('cancel').focus({ preventScroll: true });
});

const on = (id: string, act: () => void) => find(id).addEventListener('click', act);
on('cancel', () => {
  say('Cancelling…');
  restorer.cancel();
});
on('clear', () => painter.clear());
on('again', prepare);
on('other', () => {
  if (state === 'running') restorer.cancel();
  photo = undefined;
  enter('empty');
});
on('copy', async () => {
  await navigator.clipboard.writeText(equivalentCode(job!));
  say('The code is in the clipboard.');
});
on('save-mask', async () => {
  const { width, height } = maskCanvas!;
  const values = new Uint8ClampedArray(width * height * 4).fill(255);
  for (const [at, one] of painter.missing.entries()) values.fill(one * 255, 4 * at, 4 * at + 3);
  const canvas = document.createElement('canvas');
  show(canvas, { width, height, values });
  Object.assign(document.createElement('a'), {
    href: await pngOf(canvas),
    download: 'mask.png',
  }).click();
});
find<HTMLInputElement>('zoom').addEventListener('input', ({ target }) =>
  sheet.style.setProperty('--zoom', (target as HTMLInputElement).value),
);
find<HTMLInputElement>('file').addEventListener('change', ({ target }) => {
  const [file] = (target as HTMLInputElement).files!;
  if (file) take(file);
  (target as HTMLInputElement).value = '';
});
document.addEventListener('dragover', (event) => event.preventDefault());
document.addEventListener('drop', (event) => {
  event.preventDefault();
  const file = event.dataTransfer?.files[0];
  if (file && state !== 'running') take(file);
});

const samples = [
  { title: 'Chelsea the cat', url: chelsea, small: smallChelsea },
  { title: 'A cup of coffee', url: coffee, small: smallCoffee },
  { title: 'Eileen Collins', url: astronaut, small: smallAstronaut },
];
for (const { title, url, small } of samples) {
  const button = Object.assign(document.createElement('button'), { type: 'button' });
  button.append(Object.assign(new Image(), { src: small, alt: title }));
  button.addEventListener('click', async () => take(await (await fetch(url)).blob()));
  find('samples').append(button);
}
enter('empty');
