import type { MessagePort } from 'node:worker_threads';
import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { Denoiser } from '../models/denoiser';
import { splitBatch } from '../models/grouped-denoiser';
import { linearized } from '../models/linearized';
import { type JobResult, runJobs, type WorkerJob } from './worker-jobs';
import { receivedTensor, sentTensor, type WorkerRequest } from './worker-messages';

let lastId = 0;

const concat = (results: readonly JobResult[]): Tensor4D =>
  tf.concat(results.map(({ result }) => receivedTensor(result)));

/** Passes over groups of `size` items, shared by the threads behind ports; each pass blocks. */
export function workerGroups(
  ports: readonly MessagePort[],
  control: Int32Array,
  size: number,
): Required<Pick<Denoiser, 'denoise' | 'linearize'>> {
  const run = (jobs: readonly WorkerJob[]) => runJobs(ports, control, jobs);
  const forward = (call: 'denoise' | 'forward', x: Tensor4D, sigma: number): WorkerJob[] =>
    splitBatch(x, size).map((group) => {
      const id = ++lastId;
      return { id, request: () => ({ call, id, x: sentTensor(group), sigma }) };
    });
  const backward = (id: number, place: number, dy: Tensor4D): WorkerJob => ({
    id,
    place,
    request: () => ({ call: 'backward', id, cotangent: sentTensor(dy) }),
  });

  return {
    denoise: (x, sigma) => tf.tidy(() => concat(run(forward('denoise', x, sigma)))),
    linearize: (x, sigma) =>
      linearized((keep) => {
        const jobs = forward('forward', x, sigma);
        let kept = jobs.map(({ id }) => id);
        keep({
          dispose() {
            if (kept.length === 0) return;
            const release: WorkerRequest = { call: 'release', ids: kept };
            for (const port of ports) port.postMessage(release);
          },
        });
        const passed = run(jobs);
        return {
          denoised: concat(passed),
          backward(cotangent: Tensor4D): Tensor4D {
            const parts = splitBatch(cotangent, size);
            const gradients = run(
              parts.map((dy, i) => backward(jobs[i]!.id, passed[i]!.place, dy)),
            );
            kept = []; // Each worker freed them after its backward passes.
            return concat(gradients);
          },
        };
      }),
  };
}
