import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { type Lpips, psnr, ssim } from 'spgd';

/** A number that tells how near a sample is to the clean image. */
export interface Metric {
  readonly name: string;
  readonly lowerIsBetter: boolean;
  /** One number an item of two batches `[batch, height, width, channels]`, values in [-1, 1]. */
  measure(sample: Tensor4D, clean: Tensor4D): Promise<number[]>;
}

/**
 * What a module of `--metric` exports: it gets one sample and its clean image, both `[1, height,
 * width, channels]` with values in [-1, 1], and gives a number. It keeps and disposes neither.
 */
export interface CustomMetric {
  (sample: Tensor4D, clean: Tensor4D): number | tf.Tensor | Promise<number | tf.Tensor>;
  readonly lowerIsBetter?: boolean;
}

const builtIn = (
  name: string,
  metric: (sample: Tensor4D, clean: Tensor4D) => Tensor1D,
  lowerIsBetter = false,
): Metric => ({
  name,
  lowerIsBetter,
  async measure(sample, clean) {
    const values = metric(sample, clean);
    const numbers = await values.data();
    values.dispose();
    return [...numbers];
  },
});

async function numberOf(value: number | tf.Tensor, name: string): Promise<number> {
  const number = typeof value === 'number' ? value : (await value.data())[0];
  if (value instanceof tf.Tensor) value.dispose();
  if (typeof number === 'number') return number;
  throw new TypeError(`evaluate: metric ${name} must give a number, got ${String(value)}`);
}

const custom = (name: string, metric: CustomMetric): Metric => ({
  name,
  lowerIsBetter: metric.lowerIsBetter === true,
  async measure(sample, clean) {
    const numbers: number[] = [];
    for (let item = 0; item < sample.shape[0]; item++) {
      const [one, other] = [sample, clean].map((batch) =>
        tf.slice(batch, [item, 0, 0, 0], [1, -1, -1, -1]),
      ) as [Tensor4D, Tensor4D];
      try {
        numbers.push(await numberOf(await metric(one, other), name));
      } finally {
        tf.dispose([one, other]);
      }
    }
    return numbers;
  },
});

/** The functions that a module exports, each a metric by its name. */
async function customMetrics(file: string): Promise<Metric[]> {
  const refuse = (why: string) =>
    Object.assign(new Error(`evaluate: metric ${file}: ${why}`), { name: 'InputError' });
  await access(file).catch(() => {
    throw refuse('there is no such file');
  });
  const exports: Record<string, unknown> = await import(
    /* @vite-ignore */ pathToFileURL(resolve(file)).href
  ).catch((error: Error) => {
    throw refuse(error.message);
  });
  const found = Object.entries(exports).filter(([, value]) => typeof value === 'function');
  if (found.length === 0) throw refuse('it exports no function');
  return found.map(([name, metric]) => custom(name, metric as CustomMetric));
}

/** PSNR, SSIM, LPIPS where there is one, and those of the modules named. */
export async function loadMetrics(files: readonly string[], lpips?: Lpips): Promise<Metric[]> {
  const metrics = [builtIn('psnr', psnr), builtIn('ssim', ssim)];
  if (lpips) metrics.push(builtIn('lpips', lpips, true));
  for (const file of files) metrics.push(...(await customMetrics(file)));
  const names = metrics.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw new RangeError(`evaluate: two metrics are called ${twice}`);
  return metrics;
}
