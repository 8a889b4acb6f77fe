import type { MessagePort } from 'node:worker_threads';
import type { Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { Denoiser } from '../models/denoiser';
import { splitBatch } from '../models/grouped-denoiser';
import { linearized } from '../models/linearized';
import { type JobResult, runJobs, type WorkerJob } from './worker-jobs';
import { type ReleaseMessage, receivedTensor, sentTensor } from './worker-messages';

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
  const forward = (x: Tensor4D, sigma: number, keep: boolean): WorkerJob[] =>
    splitBatch(x, size).map((group) => {
      const id = ++lastId;
      return { id, message: () => ({ id, x: sentTensor(group), sigma, keep }) };
    });
  const backward = (id: number, place: number, dy: Tensor4D): WorkerJob => ({
    id,
    place,
    message: () => ({ id, cotangent: sentTensor(dy) }),
  });

  return {
    denoise: (x, sigma) => tf.tidy(() => concat(run(forward(x, sigma, false)))),
    linearize: (x, sigma) =>
      linearized((keep) => {
        const jobs = forward(x, sigma, true);
        let kept = jobs.map(({ id }) => id);
        keep({
          dispose() {
            if (kept.length === 0) return;
            const message: ReleaseMessage = { release: kept };
            for (const port of ports) port.postMessage(message);
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
