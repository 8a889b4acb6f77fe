import * as core from 'spgd';
import * as node from 'spgd/node';
import { pages, proseOf } from './markdown';

/** What the names in calls such as `inpainting({ mask })` stand for on every page. */
const meanings = `
import type * as tf from '@tensorflow/tfjs';
import * as core from 'spgd';
import * as node from 'spgd/node';
const exported = { ...core, ...node };
declare const [a, b, mask, weights]: tf.Tensor4D[] & { length: 4 };
declare const blurs: core.LinearOperator[];
declare const [realFeatures, restoredFeatures]: tf.Tensor2D[];
declare const features: (images: tf.Tensor4D) => tf.Tensor2D;
declare const [real, restored]: core.ImageBatches[];
declare const kernel: number[][];
declare const network: core.Network & core.BlurNetwork;
declare const [operator, first, last, f, g, h]: core.ForwardOperator[];
declare const autoencoder: core.Autoencoder;
declare const base: core.NoiseLevelSampler<core.SamplerState>;
declare const sampler: core.Sampler;
declare const denoiser: core.Denoiser;
declare const x: tf.Tensor4D;
declare const problem: core.InverseProblem<core.SpectralOperator, core.GaussianNoise>;
declare const options: { schedule: core.NoiseSchedule; learningRate: number; tries: number; until: number; runs: number; mirrors: 'mean' };
declare const [path, source]: string[];
declare const [std, peak, height, width, sigma]: number[];
declare const [betaD, betaMin, halvedAt, sigmaData, steps]: number[];
declare const [betas, clip, prediction]: [number[], boolean, 'noise'];
`;

const exported = new Set([...Object.keys(core), ...Object.keys(node)]);

/** The calls of our functions that stand in the text and tables of the pages. */
export const calls: readonly string[] = pages.flatMap((page) =>
  [...proseOf(page).matchAll(/`((\w+)\([^`\n]*\))`/g)]
    .filter(([, call, name]) => exported.has(name!) && !call!.includes('…'))
    .map(([, call]) => call!),
);

/** A program that makes each of these calls. It is type-checked and never run. */
export const callsProgram = `${meanings}
${[...new Set(calls)]
  .map((call) => {
    const names = [...call.matchAll(/(\w+)\(/g)].map(([, name]) => name!);
    return `() => { const { ${[...new Set(names)].join(', ')} } = exported; return ${call}; };`;
  })
  .join('\n')}
`;
