import type { Diagnosis } from 'spgd/tasks';
import { cropDamage, isAtBorder } from 'spgd/tasks';
import { blocksOfJob, paintedOf } from './job-blocks';
import type { BackendChoice, BackendName, RestorerInfo } from './messages';
import type { PhotoJob, Plan, Progress, Restored } from './photo-job';
import { cropPicture, type Picture } from './picture';
import { restorePhoto } from './restore-photo';
import { workerClient } from './worker-client';

/** Options of `createRestorer`. */
export interface RestorerOptions {
  /** The address of the `model.json` of a converted model, relative to the page. */
  readonly model: string | URL;
  /**
   * The backend, in place of the first that computes correctly.
   * @default WebGPU, WebAssembly threads, WebAssembly, in this order
   */
  readonly backend?: BackendName;
  /**
   * Starts the worker, where a bundler needs to see its address.
   * @default the worker of this package, beside this module
   */
  readonly worker?: () => Worker;
  /** Called while the model loads, with bytes; `total` is 0 where it is unknown. */
  readonly onLoading?: (loaded: number, total: number) => void;
  /** Called when a backend has started, before the model is loaded. */
  readonly onBackend?: (backend: BackendChoice) => void;
  /** Called when the worker is ready, and again for a worker that replaces it. */
  readonly onReady?: (info: RestorerInfo) => void;
  /** Called when the graphics device is lost; a worker on WebAssembly replaces the first. */
  readonly onLost?: (message: string) => void;
}

/** Options of a restoration. */
export interface RestoreOptions {
  /** Ends the restoration within about two seconds; it rejects with an `AbortError`. */
  readonly signal?: AbortSignal;
  /** Called after each pass of the network, with a preview after each step. */
  readonly onProgress?: (progress: Progress) => void;
}

/** Restores photos in a worker. */
export interface Restorer {
  /** Resolves when the worker can compute; rejects where nothing can be computed here. */
  readonly ready: Promise<RestorerInfo>;
  /** Looks at the middle of a photo for noise, blur and clipped tones; needs no model. */
  diagnose(photo: Picture, mask?: Uint8Array): Promise<Diagnosis>;
  /** Forecasts a job. It is answered while another job runs, from the time that passes take then. */
  estimate(job: PhotoJob): Promise<Plan>;
  /** Restores a photo, or a region of it. */
  restore(job: PhotoJob, options?: RestoreOptions): Promise<Restored>;
  /** Ends the worker; what it still computes rejects with an `AbortError`. */
  dispose(): void;
}

const order: readonly BackendName[] = ['webgpu', 'wasm-threads', 'wasm'];

/** Largest side of the part that is diagnosed, in pixels. */
const lookedAt = 1024;

const startWorker = () =>
  new Worker(new URL('./browser-worker.js', import.meta.url), { type: 'module' });

/**
 * Starts a worker that restores photos: it chooses a backend, loads a model into the browser's cache,
 * and computes block by block, so that memory does not grow with the photo and the page stays usable.
 */
export function createRestorer(options: RestorerOptions): Restorer {
  const { model, backend, worker = startWorker, onLoading, onBackend } = options;
  const { onReady, onLost } = options;
  const client = workerClient({
    model: new URL(model, document.baseURI).href,
    backends: backend ? [backend] : order,
    worker,
    onLoading,
    onBackend,
    onReady,
    onLost,
  });
  return {
    get ready() {
      return client.ready;
    },
    diagnose(photo, mask) {
      const [height, width] = [photo.height, photo.width].map((side) => Math.min(side, lookedAt));
      const box = {
        top: (photo.height - height!) >> 1,
        left: (photo.width - width!) >> 1,
        height: height!,
        width: width!,
      };
      const map = mask && cropDamage({ ...photo, missing: mask }, box);
      const missing = map ? { missing: map.missing } : {};
      return client.call('diagnose', { photo: cropPicture(photo, box), ...missing });
    },
    async estimate(job) {
      const { photo: _, region: __, mask: ___, ...settings } = job;
      const painted = paintedOf(job);
      const windows = blocksOfJob(job, painted).blocks.map(({ window }) => ({
        isCut: isAtBorder(window, job.photo),
        height: window.height,
        width: window.width,
        ...(job.task === 'repair' && { missing: cropDamage(painted!, window).missing }),
      }));
      return client.call('plan', { settings, windows });
    },
    restore: async (job, { signal, onProgress } = {}) =>
      restorePhoto(
        job,
        (block, tell) => client.call('block', block, { signal, onProgress: tell }),
        onProgress,
      ),
    dispose: () => client.dispose(),
  };
}
