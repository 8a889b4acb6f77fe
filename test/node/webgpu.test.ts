import * as tf from '@tensorflow/tfjs';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { backends } from '../../src/node/backends';
import { type Device, guardDevice } from '../../src/node/webgpu';
import { numbersOn, withFixtures, withJavaScript } from '../support/agreements';
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

const note = missing ? ` (skipped: ${missing})` : '';

describe.skipIf(missing)(`webgpu in Node computes what others compute${note}`, () => {
  const spoken: string[] = [];
  afterAll(() => {
    console.log(`webgpu, largest relative errors: ${spoken.join(', ')}`);
  });

  it.each([...withJavaScript, ...withFixtures()])('$name', async (one) => {
    const expected = one.expected ?? (await numbersOn('cpu', one));
    const error = relativeError(await numbersOn('webgpu', one), expected);
    spoken.push(`${one.name} ${error.toExponential(1)}`);
    expect(error).toBeLessThan(one.most);
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
