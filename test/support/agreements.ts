import { readFileSync } from 'node:fs';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import {
  boxMask,
  circularBlur,
  edmSchedule,
  type ForwardOperator,
  gaussianBlur,
  gaussianNoise,
  gaussianPrior,
  highDynamicRange,
  inpainting,
  loadDenoiser,
  motionBlur,
  phaseRetrieval,
  spgdSample,
  superResolution,
} from 'spgd';
import { convertCheckpoint } from 'spgd/convert';
import { writeSafetensors } from '../../src/models/checkpoint/safetensors';
import { gainUnet } from '../../src/models/networks/gain-unet';
import { filledModel } from '../models/graph/filled-model';
import { filledStateDict } from '../models/graph/filled-weights';
import { bothPasses } from './both-passes';
import { readSafetensors } from './fixtures';

/** A computation, and what its numbers must agree with. */
export interface Agreement {
  readonly name: string;
  /** The largest relative error. */
  readonly most: number;
  compute(): Tensor | Promise<Tensor>;
  /** Numbers from elsewhere; none: those of the JavaScript backend. */
  readonly expected?: Float32Array;
}

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

const ofOperators = Object.entries(operators).flatMap(([name, make]): Agreement[] => [
  { name, most: 1e-4, compute: () => tf.tidy(() => make().forward(image(11))) },
  {
    name: `${name}'`,
    most: 1e-4,
    compute: () =>
      tf.tidy(() => {
        const operator = make();
        return tf.grad((x) => tf.sum(tf.square(operator.forward(x as Tensor4D))))(image(11));
      }),
  },
]);

/** Both passes of a model, loaded anew for each. */
const ofModel = (
  name: string,
  artifacts: () => Promise<tf.io.ModelArtifacts>,
  at: () => { x: Tensor4D; sigma: number; cotangent: Tensor4D },
  expected: Partial<Record<'denoised' | 'gradient', Float32Array>> = {},
): Agreement[] =>
  (['denoised', 'gradient'] as const).map((key) => ({
    name: `${name}, ${key}`,
    most: 1e-3,
    async compute() {
      const denoiser = await loadDenoiser(tf.io.fromMemory(await artifacts()));
      const result = tf.tidy(() => {
        const { x, sigma, cotangent } = at();
        return bothPasses(denoiser, x, sigma, cotangent)[key];
      });
      denoiser.dispose();
      return result;
    },
    ...(expected[key] && { expected: expected[key] }),
  }));

const run: Agreement = {
  name: 'a run of spgdSample',
  most: 1e-3,
  async compute() {
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
};

/** Operators with their gradients, a U-Net and a run: each as the JavaScript backend computes it. */
export const withJavaScript: readonly Agreement[] = [
  ...ofOperators,
  ...ofModel('the U-Net', filledModel, () => {
    const size = [8, 16] as const;
    return { x: image(12, size), sigma: 0.7, cotangent: image(13, size) };
  }),
  run,
];

const fixture = (path: string) =>
  readSafetensors(
    new Uint8Array(readFileSync(new URL(`../../test/fixtures/${path}`, import.meta.url))),
  );

/** Operators as the released code computes them, and the gain network as PyTorch does. */
export function withFixtures(): Agreement[] {
  const released = {
    'operator-gaussian-blur': (m: Readonly<Record<string, string>>) =>
      gaussianBlur({ kernelSize: Number(m.kernel_size), std: Number(m.intensity) }),
    'operator-down-sampling-x4': () => superResolution({ scale: 4 }),
  };
  const ofReleased = Object.entries(released).flatMap(([name, make]): Agreement[] => {
    const { metadata, tensor, values } = fixture(`released/${name}.safetensors`);
    const measured = () => tensor<tf.Rank.R4>('measurement');
    const residual = (x: Tensor) =>
      gaussianNoise(0).residual(make(metadata).forward(x as Tensor4D), measured());
    return [
      {
        name,
        most: 1e-4,
        compute: () => tf.tidy(() => make(metadata).forward(tensor<tf.Rank.R4>('x'))),
        expected: values('y'),
      },
      {
        name: `${name}'`,
        most: 1e-3,
        compute: () => tf.tidy(() => tf.grad(residual)(tensor('x'))),
        expected: values('grad'),
      },
    ];
  });
  const gain = fixture('models/gain.safetensors');
  const [sigma] = gain.values('sigma') as unknown as [number];
  const first = (name: string): Tensor4D =>
    tf.tidy(() => tf.split<Tensor4D>(gain.tensor<tf.Rank.R4>(name) as Tensor4D, 2)[0]!);
  const half = (name: string) => gain.values(name).slice(0, gain.values(name).length / 2);
  const weights = () =>
    filledStateDict(gainUnet({ channels: [8, 12, 16], blocks: [1, 2, 2] }).weights);
  return [
    ...ofReleased,
    ...ofModel(
      'the gain network',
      () => convertCheckpoint(writeSafetensors(weights(), gain.metadata), { size: [16, 24] }),
      () => ({ x: first('x'), sigma, cotangent: first('cotangent') }),
      { denoised: half('denoised'), gradient: half('vjp') },
    ),
  ];
}

/** The numbers of a computation on a backend that is started; webgpu reads asynchronously only. */
export async function numbersOn(backend: string, { compute }: Agreement): Promise<Float32Array> {
  await tf.setBackend(backend);
  const result = await compute();
  const values = await result.data<'float32'>();
  result.dispose();
  return values;
}
