import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import {
  boxMask,
  circularBlur,
  edmSchedule,
  type ForwardOperator,
  gaussianBlur,
  gaussianPrior,
  highDynamicRange,
  inpainting,
  loadDenoiser,
  motionBlur,
  phaseRetrieval,
  spgdSample,
  superResolution,
} from 'spgd';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { backends } from '../../src/node/backends';
import { type Device, guardDevice } from '../../src/node/webgpu';
import { filledModel } from '../models/graph/filled-model';
import { bothPasses } from '../support/both-passes';
import { relativeError } from '../support/close';

/** A backend whose device can be made to fail. */
function fakeBackend() {
  const device = new EventTarget();
  let lose = (_: { message: string }) => {};
  const lost = new Promise<{ message: string }>((resolve) => {
    lose = resolve;
  });
  const read = async () => new Float32Array([0]);
  const backend = { device: Object.assign(device, { lost }) as Device, read };
  guardDevice(backend);
  const fail = (message: string) =>
    device.dispatchEvent(Object.assign(new Event('uncapturederror'), { error: { message } }));
  return { backend, fail, lose };
}

describe('a guarded device', () => {
  it('is read as before while it works', async () => {
    expect(await fakeBackend().backend.read()).toEqual(new Float32Array([0]));
  });

  it('fails every reading after an allocation failed, with what to do', async () => {
    const { backend, fail } = fakeBackend();
    const begun = backend.read();
    fail('Buffer size (4294967296) exceeds the max buffer size limit\n - While calling');
    await expect(begun).rejects.toThrowErrorMatchingInlineSnapshot(
      `[Error: webgpu: the device failed, and what it holds is lost (Buffer size (4294967296) exceeds the max buffer size limit): start again with a smaller image or batch, or a smaller memoryBudget]`,
    );
    await expect(backend.read()).rejects.toThrow('start again');
  });

  it('fails every reading after it was lost', async () => {
    const { backend, lose } = fakeBackend();
    lose({ message: '' });
    await expect(backend.read()).rejects.toThrow('(the device was lost)');
  });
});

const webgpu = backends.find(({ name }) => name === 'webgpu')!;
const missing = webgpu.isInstalled()
  ? await webgpu.start().then(
      () => undefined,
      (error: Error) => error.message,
    )
  : 'the package webgpu is not installed';

/** The numbers of a computation on a backend; webgpu reads asynchronously only. */
async function on(backend: string, compute: () => Tensor | Promise<Tensor>): Promise<Float32Array> {
  await tf.setBackend(backend);
  const result = await compute();
  const values = await result.data<'float32'>();
  result.dispose();
  return values;
}

const note = missing ? ` (skipped: ${missing})` : '';

describe.skipIf(missing)(`webgpu in Node computes what cpu computes${note}`, () => {
  const spoken: string[] = [];
  afterAll(() => {
    console.log(`webgpu against cpu, largest relative errors: ${spoken.join(', ')}`);
  });
  const agree = async (
    name: string,
    compute: () => Tensor | Promise<Tensor>,
    most = 1e-4,
  ): Promise<void> => {
    const error = relativeError(await on('webgpu', compute), await on('cpu', compute));
    spoken.push(`${name} ${error.toExponential(1)}`);
    expect(error).toBeLessThan(most);
  };
  const image = (seed: number, [height, width]: readonly [number, number] = [16, 20]): Tensor4D =>
    tf.randomUniform([2, height, width, 3], -0.45, 0.45, 'float32', seed);

  const kernel = () => tf.tidy(() => tf.div<tf.Tensor2D>(tf.range(1, 10).reshape([3, 3]), 45));
  const operators: Readonly<Record<string, () => ForwardOperator>> = {
    gaussianBlur: () => gaussianBlur({ kernelSize: 5, std: 1.2 }),
    motionBlur: () => motionBlur({ kernel: kernel() }),
    circularBlur: () => circularBlur({ kernel: kernel() }),
    superResolution: () => superResolution({ scale: 4 }),
    inpainting: () =>
      inpainting({ mask: boxMask({ height: 16, width: 20, boxHeight: 6, boxWidth: 8 }) }),
    phaseRetrieval: () => phaseRetrieval({ oversample: 2 }),
    highDynamicRange: () => highDynamicRange({ scale: 2 }),
  };
  it.each(Object.entries(operators))('%s, and its gradient', async (name, make) => {
    await agree(name, () => tf.tidy(() => make().forward(image(11))));
    await agree(`${name}'`, () =>
      tf.tidy(() => {
        const operator = make();
        return tf.grad((x) => tf.sum(tf.square(operator.forward(x as Tensor4D))))(image(11));
      }),
    );
  });

  it('the U-Net, and its vector-Jacobian product', async () => {
    const artifacts = await filledModel();
    const part = (key: 'denoised' | 'gradient') => async () => {
      const denoiser = await loadDenoiser(tf.io.fromMemory(artifacts));
      const result = tf.tidy(() => {
        const x = image(12, [8, 16]);
        return bothPasses(denoiser, x, 0.7, image(13, [8, 16]))[key] as Tensor;
      });
      denoiser.dispose();
      return result;
    };
    await agree('denoised', part('denoised'), 1e-3);
    await agree('gradient', part('gradient'), 1e-3);
  });

  it('a run of spgdSample', async () => {
    await agree(
      'sample',
      async () => {
        const denoiser = gaussianPrior();
        const measurement = tf.tidy(() => tf.slice(image(14), [0, 0, 0, 0], [1, 16, 20, 3]));
        const { sample } = await spgdSample({
          denoiser,
          operator: gaussianBlur({ kernelSize: 5, std: 1.2 }),
          measurement,
          schedule: edmSchedule({ steps: 4 }),
          warmupSteps: 2,
          learningRate: 0.1,
        });
        measurement.dispose();
        return sample;
      },
      1e-3,
    );
  });

  it('and what does not fit is an error, not zeros', async () => {
    await tf.setBackend('webgpu');
    const report = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const { limits } = (tf.backend() as unknown as { device: GPUDevice }).device;
    const mebibytes = Math.ceil(limits.maxBufferSize / 2 ** 20) + 1;
    const sum = tf.tidy(() => tf.sum(tf.tile(tf.ones([1, 2 ** 18]), [mebibytes, 1])));
    await expect(sum.data()).rejects.toThrow('webgpu: the device failed');
    report.mockRestore();
  });
});
