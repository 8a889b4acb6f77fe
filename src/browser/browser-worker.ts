import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import { loadDenoiser } from 'spgd';
import { diagnose } from 'spgd/tasks';
import { chooseBackend } from './backend';
import type { Calls, Report, Request } from './messages';
import { fetchModelFile } from './model-cache';
import { measurePass } from './pass-cost';
import type { Picture } from './picture';
import { coloursOf } from './picture-tensor';
import { planJob } from './plan-job';
import { type Ready, restoreBlock } from './restore-block';

// The worker of `createRestorer`: blocks are computed in turn; forecasts and diagnoses come between passes.

const page = self as unknown as Worker;
const say = (report: Report): void => page.postMessage(report);

/** Pixels that go through the network at once. */
const pixelsAtOnce = 4 * 64 ** 2;

let ready: Promise<Ready>;
const running = new Map<number, AbortController>();

/** Loads a model, and reports how much of its weights has come. */
function loadPrior(url: string) {
  const fetchFunc = (file: string) =>
    fetchModelFile(file, (loaded, total) => {
      if (file.endsWith('.bin')) say({ kind: 'loading', loaded, total });
    });
  return loadDenoiser(tf.io.http(url, { fetchFunc: fetchFunc as typeof fetch }));
}

async function start({
  backends,
  why,
  model,
}: Extract<Request, { kind: 'start' }>): Promise<Ready> {
  const clock = performance.now();
  const backend = await chooseBackend(backends, (message) => say({ kind: 'lost', message }));
  const reason = why ? `${backend.reason}; ${why}` : backend.reason;
  say({ kind: 'backend', backend: { ...backend, reason } });
  const started = performance.now() - clock;
  const prior = await loadPrior(model);
  const loaded = performance.now() - clock;
  const size = prior.metadata!.size[0];
  const batch = Math.max(1, Math.floor(pixelsAtOnce / size ** 2));
  const tiling = { size, overlap: Math.floor(size / 8), batch };
  const pass = await measurePass(prior);
  const times = { backend: started, model: loaded, ...pass.times };
  say({ kind: 'ready', info: { backend: { ...backend, reason }, times } });
  return { prior, tiling, pass };
}

/** Blocks are restored one after another. */
let last: Promise<unknown> = Promise.resolve();
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const result = last.then(work);
  last = result.catch(() => {});
  return result;
}

type Answers = {
  [K in keyof Calls]: (input: Calls[K][0], id: number) => Promise<Calls[K][1]>;
};

const answers: Answers = {
  diagnose: async ({ photo, missing }) =>
    diagnose(coloursOf(photo), [photo.height, photo.width, 3], missing),
  plan: async (input) => planJob(input, await ready),
  async block(job, id) {
    const controller = new AbortController();
    running.set(id, controller);
    const tell = (share: number, picture?: Picture) =>
      say({ kind: 'progress', id, share, ...(picture && { picture }) });
    try {
      return await inTurn(async () => {
        controller.signal.throwIfAborted();
        return restoreBlock(job, await ready, controller.signal, tell);
      });
    } finally {
      running.delete(id);
    }
  },
};

page.onmessage = ({ data }: MessageEvent<Request>) => {
  if (data.kind === 'start') {
    ready = start(data);
    ready.catch(({ message }: Error) => say({ kind: 'unusable', message }));
  } else if (data.kind === 'cancel') running.get(data.id)?.abort();
  else {
    const { kind, id, input } = data;
    answers[kind](input as never, id).then(
      (output) => say({ kind: 'answer', id, output }),
      ({ name, message }: Error) => say({ kind: 'failed', id, name, message }),
    );
  }
};
