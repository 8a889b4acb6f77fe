import {
  type BackendName,
  copyInto,
  createRestorer,
  cropPicture,
  type PhotoJob,
  type Picture,
  type Restored,
  type Restorer,
} from 'spgd/browser';
import { hasDamage } from 'spgd/tasks';
import { compareSlider } from './compare-slider';
import { history } from './history';
import { jobForm } from './job-form';
import { maskPainter } from './mask-painter';
import { keepOffline, startOffline } from './offline';
import { pngOf, readPhoto, show } from './photo';
import { photoView } from './photo-view';
import { type DamagedSample, decibels, samples } from './samples';
import { photoTools, type Tool } from './tools';
import { uncertaintyMap } from './uncertainty-map';
import { found, megabytes, spoken } from './words';

type State = 'empty' | 'ready' | 'running' | 'done';

const find = <E extends HTMLElement>(id: string) => document.getElementById(id) as E;
const canvasOf = (id: string) => find<HTMLCanvasElement>(id);
const [before, after, maskCanvas] = [canvasOf('before'), canvasOf('after'), canvasOf('mask')];
const panel = find<HTMLFormElement>('panel');
const [sheet, patch, scroller] = [find('sheet'), find('patch'), find('scroller')];

let state: State = 'empty';
/** The photo as it is now, with all that was restored in it. */
let photo: Picture | undefined;
let clean: Picture | undefined;
let restored: Restored | undefined;
let running: AbortController | undefined;
let isReady = false;
let isLossy = false;

const say = (text: string) => {
  find('status').textContent = text;
};
const complain = (text: string) => {
  find('error').textContent = text;
};

const chosenTool = () =>
  (document.querySelector('[name=tool]:checked') as HTMLInputElement).value as Tool;
const chooseTool = (tool: Tool) => {
  document.querySelector<HTMLInputElement>(`[name=tool][value=${tool}]`)!.checked = true;
};

function enter(next: State): void {
  state = next;
  document.body.dataset.state = next;
  for (const part of document.querySelectorAll<HTMLElement>('[data-when]'))
    part.hidden = !part.dataset.when!.split(' ').includes(next);
  maskCanvas.hidden = next !== 'ready';
  if (next === 'ready' || next === 'empty') {
    patch.hidden = true;
    slider.hide();
  }
  for (const part of panel.querySelectorAll('fieldset, input, select'))
    (part as HTMLInputElement).disabled = next === 'running';
  find('restore').toggleAttribute('disabled', next !== 'ready' || !isReady);
  // On a phone the form lies below the photo.
  if (next === 'done') find('view').scrollIntoView({ block: 'nearest' });
  update();
}

/** Shows what belongs to the tool, and what can be undone. */
function update(): void {
  const isEditing = state === 'ready';
  find('brush').hidden = !isEditing || chosenTool() !== 'paint';
  find('frame-bar').hidden = !isEditing || (chosenTool() !== 'frame' && !tools.framed);
  for (const part of document.querySelectorAll<HTMLInputElement>('[name=tool]'))
    part.disabled = state === 'running';
  find('undo').toggleAttribute('disabled', state === 'running' || !past.canUndo);
  find('redo').toggleAttribute('disabled', state === 'running' || !past.canRedo);
  find('clear').toggleAttribute('disabled', painter.painted === 0);
  tools.update();
}

const past = history(() => update());
const slider = compareSlider(find('split') as HTMLInputElement, patch, [
  find('tag-before'),
  find('tag-after'),
]);
const view = photoView(scroller, sheet, find<HTMLInputElement>('zoom'), () => tools.abandon());
const brush = () => ({
  radius:
    (Number(find<HTMLInputElement>('brush-size').value) * (photo?.width ?? 1)) / (600 * view.zoom),
  erases: find<HTMLInputElement>('erase').checked,
});
const painter = maskPainter(maskCanvas, brush, (action) => {
  if (action) past.add(action);
  say(painter.painted ? `${painter.painted} pixels are marked.` : 'Nothing is marked.');
  update();
  forecast();
});
const tools = photoTools({
  canvas: maskCanvas,
  scroller,
  circle: find('circle'),
  frame: find('frame'),
  painter,
  brush,
  tool: chosenTool,
  size: () => photo ?? { width: 1, height: 1 },
  onFrame() {
    const { framed } = tools;
    say(framed ? `A part of ${framed.width} × ${framed.height} pixels is framed.` : 'No frame.');
    update();
    forecast();
  },
});
const form = jobForm(panel, () => {
  if (state === 'empty') return;
  if (state === 'done') settle();
  if (needsMask() && painter.painted === 0) chooseTool('paint');
  update();
  forecast();
});

const needsMask = () => form.settings().task === 'repair';

function jobNow(): PhotoJob {
  return {
    ...form.settings(),
    photo: photo!,
    ...(tools.framed && { region: tools.framed }),
    ...(painter.painted > 0 && { mask: painter.missing }),
  };
}

/** Shows the photo anew, at its size. */
function draw(): void {
  const { width, height } = photo!;
  show(before, photo!);
  sheet.style.setProperty('--ratio', String(width / height));
  find('caption').textContent = `${width} × ${height} pixels`;
}

const startRestorer = () =>
  createRestorer({
    model: './light/model.json',
    ...backendWanted(),
    onLoading(loaded, total) {
      Object.assign(find('loading'), { hidden: false, max: total || 1, value: total ? loaded : 0 });
      say(`The model loads: ${megabytes(loaded)}${total ? ` of ${megabytes(total)}` : ''}`);
    },
    onBackend(backend) {
      const titles = { webgpu: 'WebGPU', 'wasm-threads': 'WebAssembly', wasm: 'WebAssembly' };
      find('backend').textContent = `Computed by ${titles[backend.name]}: ${backend.reason}.`;
      document.body.dataset.backend = backend.name;
    },
    onReady({ times }) {
      document.body.dataset.times = JSON.stringify(times);
      isReady = true;
      find('loading').hidden = true;
      say('Ready.');
      if (state !== 'ready') return;
      forecast();
    },
    onLost(message) {
      isReady = false;
      delete document.body.dataset.times;
      complain(
        `WebGPU stopped (${message}). The page continues on WebAssembly: press Restore again.`,
      );
      starting.then(watchStart);
    },
  });

function backendWanted(): { backend?: BackendName } {
  const backend = new URLSearchParams(location.search).get('backend') as BackendName | null;
  return backend ? { backend } : {};
}

function watchStart(restorer: Restorer): void {
  restorer.ready.catch(({ message }: Error) => {
    complain(message);
    find('loading').hidden = true;
    say('Nothing can be computed here.');
  });
}

/** Photos can be chosen before; the rest waits for it. */
const starting = startOffline().then(() => {
  const restorer = startRestorer();
  watchStart(restorer);
  restorer.ready.then(keepOffline, () => {});
  return restorer;
});

/** What is to be painted before anything can be restored; '' if nothing is. */
function whatToMark(): string {
  if (painter.painted === 0) return needsMask() ? 'Paint over what is to be repaired.' : '';
  const { framed, map } = { framed: tools.framed, map: { ...photo!, missing: painter.missing } };
  if (!framed || hasDamage(map, framed)) return '';
  return 'Nothing is painted inside the frame: paint there, or clear what is painted.';
}

let latest = 0;
let due: ReturnType<typeof setTimeout> | undefined;
/** Forecasts the job; an answer to an earlier one is dropped. */
function forecast(): void {
  clearTimeout(due);
  const token = ++latest;
  const toMark = whatToMark();
  const isUnmarked = toMark !== '';
  find('estimate').textContent = toMark;
  find('restore').toggleAttribute('disabled', isUnmarked || !isReady || state !== 'ready');
  if (!isReady || state !== 'ready' || isUnmarked || !panel.checkValidity()) return;
  due = setTimeout(async () => {
    try {
      const plan = await (await starting).estimate(jobNow());
      if (token !== latest) return;
      const { seconds, bytes } = plan;
      form.setPlan(plan);
      const advice =
        seconds > 120 && !tools.framed && !needsMask() ? ' Frame a spot to restore it sooner.' : '';
      find('estimate').textContent =
        `About ${spoken(seconds)} and ${megabytes(bytes)} of memory.${advice}`;
      document.body.dataset.plan = JSON.stringify(plan);
    } catch (error) {
      if (token === latest) find('estimate').textContent = (error as Error).message;
    }
  }, 150);
}

/** Lays the part at a place of the photo, in pixels of the photo. */
function placePatch({ top, left, height, width }: Restored['box']): void {
  const share = (value: number, whole: number) => `${(100 * value) / whole}%`;
  Object.assign(patch.style, {
    top: share(top, photo!.height),
    left: share(left, photo!.width),
    width: share(width, photo!.width),
    height: share(height, photo!.height),
  });
  patch.hidden = false;
}

/** Replaces the photo, or a part of it, as an action. */
function landed({ picture, box }: Restored): void {
  const old = photo!;
  const isSameSize = picture.width === box.width;
  const [was, now] = isSameSize ? [cropPicture(old, box), picture] : [old, picture];
  const apply = (part: Picture) => () => {
    if (isSameSize) copyInto(photo!, part, box);
    else replace(part);
    restored = undefined;
    if (state !== 'empty') edit();
  };
  if (isSameSize) copyInto(photo!, picture, box);
  else photo = picture;
  past.add({ undo: apply(was), redo: apply(now) });
}

/** Takes a photo of another size in place of this one. */
function replace(next: Picture): void {
  photo = next;
  clean = undefined;
  tools.framed = undefined;
  painter.resize(next.width, next.height);
}

/** Back to choosing and painting, with the photo as it is now. */
function edit(): void {
  draw();
  enter('ready');
  forecast();
}

/** The result is kept, and the next spot can follow. */
function settle(): void {
  restored = undefined;
  tools.framed = undefined;
  painter.resize(photo!.width, photo!.height);
  if (clean && clean.width !== photo!.width) clean = undefined;
  edit();
}

async function finish(result: Restored, was: Picture): Promise<void> {
  restored = result;
  const { picture, box, departs, milliseconds, deviation } = result;
  const reference = clean && picture.width === box.width ? cropPicture(clean, box) : undefined;
  const rated =
    reference && [cropPicture(was, box), picture].map((one) => decibels(one, reference));
  landed(result);
  if (picture.width !== box.width) {
    show(before, cropPicture(was, box));
    placePatch({ top: 0, left: 0, height: photo!.height, width: photo!.width });
    sheet.style.setProperty('--ratio', String(picture.width / picture.height));
    find('caption').textContent = `${picture.width} × ${picture.height} pixels`;
  } else placePatch(box);
  show(after, picture);
  if (deviation) show(canvasOf('uncertainty'), uncertaintyMap(picture, deviation));
  find('show-uncertainty').hidden = !deviation || form.settings().samples! < 4;
  showUncertainty(false);
  Object.assign(document.body.dataset, {
    held: JSON.stringify(result.held),
    decibels: JSON.stringify(rated ?? null),
    box: JSON.stringify(box),
    departs: String(departs),
  });
  enter('done');
  slider.show();
  const gain = rated ? ` ${rated[0]!.toFixed(1)} dB became ${rated[1]!.toFixed(1)} dB.` : '';
  if (departs)
    complain(
      'The result departs from what the photo shows. Compare it, and undo it unless it is better; the noise or the blur may be set wrongly.',
    );
  say(departs ? 'Not restored well.' : `Restored in ${spoken(milliseconds / 1000)}.${gain}`);
  find('copy').hidden =
    Boolean(lastJob?.region) || (lastJob?.task !== 'repair' && Boolean(lastJob?.mask));
  find('split').focus({ preventScroll: true });
}

let lastJob: PhotoJob | undefined;
async function restore(): Promise<void> {
  complain('');
  clearTimeout(due);
  latest++;
  const job = jobNow();
  lastJob = { ...job, ...(job.mask && { mask: job.mask.slice() }) };
  const was = { ...job.photo, values: job.photo.values.slice() };
  const started = performance.now();
  running = new AbortController();
  find('eta').textContent = 'starting';
  find<HTMLProgressElement>('progress').value = 0;
  enter('running');
  find('cancel').focus({ preventScroll: true });
  let hasBegun = false;
  try {
    const result = await (await starting).restore(job, {
      signal: running.signal,
      onProgress({ share, box, preview }) {
        const elapsed = (performance.now() - started) / 1000;
        find<HTMLProgressElement>('progress').value = share;
        find('eta').textContent = `about ${spoken((elapsed * (1 - share)) / share)} left`;
        if (!preview) return;
        if (!hasBegun) {
          const scale = job.task === 'enlarge' ? job.scale! : 1;
          Object.assign(after, { width: scale * box.width, height: scale * box.height });
          placePatch(box);
          hasBegun = true;
        }
        const { picture, left, top } = preview;
        const image = new ImageData(picture.values, picture.width, picture.height);
        after.getContext('2d')!.putImageData(image, left, top);
        say(`Restoring: ${Math.round(100 * share)} %`);
      },
    });
    await finish(result, was);
  } catch (error) {
    if ((error as Error).name !== 'AbortError') complain((error as Error).message);
    edit();
    say((error as Error).name === 'AbortError' ? 'Cancelled.' : 'Not restored.');
  }
}

const askToReduce = (
  large: { width: number; height: number },
  small: { width: number; height: number },
) =>
  new Promise<boolean>((resolve) => {
    const millions = Math.round((large.width * large.height) / 1e6);
    find('consent-text').textContent =
      `This photo has ${millions} megapixels, more than the page can hold. Reduce it from ` +
      `${large.width} × ${large.height} to ${small.width} × ${small.height} pixels?`;
    find('consent').hidden = false;
    const answer = (isAgreed: boolean) => () => {
      find('consent').hidden = true;
      resolve(isAgreed);
    };
    find('reduce').onclick = answer(true);
    find('keep-out').onclick = answer(false);
    find('reduce').focus();
  });

/** Opens a photo, and says what it finds in it. */
async function open(next: Picture): Promise<void> {
  running?.abort();
  photo = next;
  clean = restored = undefined;
  tools.framed = undefined;
  painter.resize(next.width, next.height);
  past.clear();
  view.setZoom(1);
  edit();
  say('Photo ready.');
  find('diagnosis').hidden = true;
}

async function diagnose(): Promise<void> {
  const own = photo!;
  try {
    const diagnosis = await (await starting).diagnose(own);
    if (photo !== own) return;
    form.setDiagnosis(diagnosis, isLossy);
    find('found').textContent = found(diagnosis);
    find('diagnosis').hidden = false;
    if (needsMask()) chooseTool('paint');
    update();
    forecast();
  } catch {
    // A photo too small to be judged is restored all the same.
  }
}

async function take(file: Blob & { name?: string }): Promise<void> {
  if (state === 'running') return;
  complain('');
  try {
    const read = await readPhoto(file, askToReduce);
    if (!read) return;
    isLossy = file.type === 'image/jpeg';
    await open(read);
    await diagnose();
  } catch (error) {
    complain((error as Error).message);
  }
}

async function takeSample(sample: DamagedSample): Promise<void> {
  const { clean: original, photo: damaged, mask, region, damage } = sample;
  isLossy = false;
  await open(damaged);
  clean = original;
  form.setDamage(damage);
  chooseTool(mask ? 'paint' : 'move');
  tools.framed = region;
  if (mask) painter.fill(mask);
  past.clear();
  find('found').textContent =
    damage.task === 'repair'
      ? 'Scratches, already marked in red. Press Restore.'
      : damage.task === 'denoise'
        ? 'Noise: very strong. Press Restore.'
        : 'Blur: clear. The face is framed: press Restore.';
  find('diagnosis').hidden = false;
  forecast();
  find('restore').focus({ preventScroll: true });
}

panel.addEventListener('submit', (event) => {
  event.preventDefault();
  restore();
});

const on = (id: string, act: () => void) => find(id).addEventListener('click', act);
on('cancel', () => {
  say('Cancelling…');
  running?.abort();
});
on('undo', () => past.undo());
on('redo', () => past.redo());
on('clear', () => painter.fill(new Uint8Array(painter.missing.length)));
on('clear-frame', () => {
  tools.framed = undefined;
  say('The whole photo is restored.');
  update();
  forecast();
});
on('next', settle);
on('other', () => {
  running?.abort();
  photo = undefined;
  past.clear();
  complain('');
  enter('empty');
});
on('copy', async () => {
  const { equivalentCode } = await import('./equivalent-code');
  const {
    photo: { height, width },
    ...settings
  } = lastJob!;
  const code = equivalentCode({ settings, chosen: restored!, height, width });
  await navigator.clipboard.writeText(code);
  say('The code is in the clipboard.');
});
find('download').addEventListener('click', async (event) => {
  event.preventDefault();
  // A copy of the link: the next result must not find the file of this one in it.
  const link = (event.currentTarget as HTMLAnchorElement).cloneNode() as HTMLAnchorElement;
  link.href = await asPng(photo!);
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
});
on('save-mask', async () => {
  const { width, height } = photo!;
  const values = new Uint8ClampedArray(width * height * 4).fill(255);
  for (const [at, one] of painter.missing.entries()) values.fill(one * 255, 4 * at, 4 * at + 3);
  const href = await asPng({ width, height, values });
  Object.assign(document.createElement('a'), { href, download: 'mask.png' }).click();
});

function asPng(picture: Picture): Promise<string> {
  const canvas = document.createElement('canvas');
  show(canvas, picture);
  return pngOf(canvas);
}

function showUncertainty(isShown: boolean): void {
  find<HTMLInputElement>('uncertain').checked = isShown;
  find('uncertainty').hidden = find('uncertainty-help').hidden = !isShown;
}
find('uncertain').addEventListener('change', ({ target }) =>
  showUncertainty((target as HTMLInputElement).checked),
);
find('tool').addEventListener('change', update);
find('brush').addEventListener('input', () => tools.update());
find<HTMLInputElement>('file').addEventListener('change', ({ target }) => {
  const [file] = (target as HTMLInputElement).files!;
  if (file) take(file);
  (target as HTMLInputElement).value = '';
});

document.addEventListener('keydown', (event) => {
  const isText = (event.target as HTMLElement).matches?.('[type=number]');
  if (!(event.ctrlKey || event.metaKey) || isText || state === 'running') return;
  const key = event.key.toLowerCase();
  if (key === 'z') {
    event.preventDefault();
    if (event.shiftKey) past.redo();
    else past.undo();
  } else if (key === 'y') {
    event.preventDefault();
    past.redo();
  }
});
document.addEventListener('paste', ({ clipboardData }) => {
  const file = [...(clipboardData?.files ?? [])].find(({ type }) => type.startsWith('image/'));
  if (file) take(file);
});
const highlight = (isOver: boolean) => document.body.toggleAttribute('data-drop', isOver);
document.addEventListener('dragover', (event) => {
  event.preventDefault();
  highlight(state !== 'running');
});
document.addEventListener('dragleave', ({ relatedTarget }) => {
  if (!relatedTarget) highlight(false);
});
document.addEventListener('drop', (event) => {
  event.preventDefault();
  highlight(false);
  const file = event.dataTransfer?.files[0];
  if (file) take(file);
});

for (const sample of samples) {
  const button = Object.assign(document.createElement('button'), { type: 'button' });
  const label = Object.assign(document.createElement('span'), { textContent: sample.title });
  button.append(Object.assign(new Image(), { src: sample.small, alt: '' }), label);
  button.addEventListener('click', async () => {
    complain('');
    const file = await (await fetch(sample.url)).blob();
    const read = await readPhoto(file, askToReduce);
    if (read) await takeSample(sample.damaged(read));
  });
  find('samples').append(button);
}
enter('empty');
