import { samplerParts } from 'spgd/tasks';
import type { Job } from './messages';
import type { TaskName } from './tasks';

/** What a task says of its operator, with the name that it imports for it. */
const operators: Readonly<Record<TaskName, (job: Job) => readonly [string, string]>> = {
  repair: () => ['inpainting', 'inpainting({ mask })'],
  denoise: () => ['identity', 'identity()'],
  enlarge: ({ scale }) => ['superResolution', `superResolution({ scale: ${scale} })`],
  deblur: ({ blurStd: std }) => [
    'gaussianBlur',
    `gaussianBlur({ kernelSize: ${2 * Math.ceil(4 * std) + 1}, std: ${std} })`,
  ],
  exposure: ({ scale }) => ['highDynamicRange', `highDynamicRange({ scale: ${scale} })`],
};

const literal = (options: object): string => {
  const fields = Object.entries(options).map(
    ([name, value]) => `${name}: ${JSON.stringify(value)}`,
  );
  return fields.length ? `{ ${fields.join(', ')} }` : '';
};

/** The name that `spgd` exports a sampler by: `probabilityFlow` for `probability-flow`. */
const exportOf = (name: string) => name.replace(/-(.)/g, (_, letter) => letter.toUpperCase());

/** The sampler of a job as an expression, and what it imports. */
function samplerText({ sampler, settings }: Job): readonly [string, string[]] {
  const { base: name, own, guided } = samplerParts(sampler, settings);
  const base = exportOf(name);
  const inner = `${base}(${literal(own)})`;
  return guided ? [`spgd(${inner}, ${literal(guided)})`, ['spgd', base]] : [inner, [base]];
}

const maskText = `const painted = await readImage('mask.png', { size: [height, width] });
const mask = tf.tidy(() => tf.cast(tf.less(tf.mean<tf.Tensor4D>(painted, 3, true), 0), 'float32'));
`;

/**
 * A program in TypeScript for Node that does what the page does with a job. It reads `photo.png` and,
 * for `repair`, `mask.png`, and writes `restored.png`.
 */
export function equivalentCode(job: Job): string {
  const { task, photo, isDamaged, noiseStd, seed, settings } = job;
  const [operator, operatorExpression] = operators[task](job);
  const [samplerExpression, samplerNames] = samplerText(job);
  const isRepair = task === 'repair';
  const { steps, sigmaMax, sigmaMin } = settings;
  const names = [
    ...['edmSchedule', 'gaussianNoise', 'loadDenoiser', 'sample', 'tiledDenoiser'],
    ...[operator, ...samplerNames, ...(isDamaged && !isRepair ? [] : ['measure'])],
  ].sort();
  const measured = isDamaged && !isRepair ? 'photo' : 'measure(operator, photo, noise, { seed })';
  const damage =
    isRepair && isDamaged
      ? 'measure(operator, photo)'
      : measured.replace('seed }', `seed: ${seed} }`);
  return `${isRepair ? "import * as tf from '@tensorflow/tfjs';\n" : ''}import { ${names.join(', ')} } from 'spgd';
import { bundledPriors, readImage, useBackend, writeImage } from 'spgd/node';

await useBackend();
const prior = await loadDenoiser(bundledPriors.light);
const size = prior.metadata!.size[0];
const [height, width] = [${photo.height}, ${photo.width}];
const photo = await readImage('photo.png', { size: [height, width] });
${isRepair ? maskText : ''}const operator = ${operatorExpression};
const noise = gaussianNoise(${noiseStd});
const measurement = ${damage};

const { sample: restored } = await sample(
  ${samplerExpression},
  { denoiser: tiledDenoiser(prior, { size, overlap: size / 8 }), operator, measurement, noise },
  { schedule: edmSchedule(${literal({ steps, sigmaMax, sigmaMin })}), seed: ${seed} },
);
await writeImage('restored.png', ${isRepair ? 'tf.add(tf.mul(restored, tf.sub(1, mask)), tf.mul(photo, mask))' : 'restored'});
`;
}
