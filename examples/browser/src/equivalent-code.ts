import type { PhotoSettings, PhotoTask, Restored } from 'spgd/browser';
import { samplerParts } from 'spgd/tasks';

/** A job on a whole photo, with what its method chose. */
export interface WholeJob {
  readonly settings: PhotoSettings;
  readonly chosen: Pick<Restored, 'sampler' | 'settings'>;
  readonly height: number;
  readonly width: number;
}

/** What a task says of its operator, with the name that it imports for it. */
const operators: Readonly<
  Record<PhotoTask, (settings: PhotoSettings) => readonly [string, string]>
> = {
  repair: () => ['inpainting', 'inpainting({ mask })'],
  denoise: () => ['identity', 'identity()'],
  enlarge: ({ scale }) => ['superResolution', `superResolution({ scale: ${scale} })`],
  deblur: ({ blurStd: std = 1.5 }) => [
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
function samplerText({ sampler, settings }: WholeJob['chosen']): readonly [string, string[]] {
  const { base: name, own, guided } = samplerParts(sampler, settings);
  const { mirrors, runs } = settings;
  const wrappers: readonly (readonly [string, object | undefined])[] = [
    ['spgd', guided],
    ['selfEnsemble', mirrors && { mirrors }],
    ['meanOf', runs === undefined ? runs : { runs }],
  ];
  const base = exportOf(name);
  return wrappers.reduce<readonly [string, string[]]>(
    ([text, names], [wrapper, options]) =>
      options ? [`${wrapper}(${text}, ${literal(options)})`, [wrapper, ...names]] : [text, names],
    [`${base}(${literal(own)})`, [base]],
  );
}

const maskText = `const painted = await readImage('mask.png', { size: [height, width] });
const mask = tf.tidy(() => tf.cast(tf.less(tf.mean<tf.Tensor4D>(painted, 3, true), 0), 'float32'));
`;

const measuredText = (operator: string, isRepair: boolean) => `const operator = ${operator};
const measurement = ${isRepair ? 'measure(operator, photo)' : 'photo'};
`;

/** A blurred photo is a part of a larger scene. */
const openText = (
  blur: string,
  noiseStd: number | undefined,
) => `const { operator, measurement } = openBorder(
  { operator: ${blur}, measurement: photo },
  ${noiseStd},
  sampler,
);
`;

/**
 * A program in TypeScript for Node that does what the page does with a job. It reads `photo.png` and,
 * for `repair`, `mask.png`, and writes `restored.png`.
 */
export function equivalentCode({ settings: job, chosen, height, width }: WholeJob): string {
  const { task, noiseStd, seed } = job;
  const [operator, operatorExpression] = operators[task](job);
  const [samplerExpression, samplerNames] = samplerText(chosen);
  const isRepair = task === 'repair';
  const isBlurred = task === 'deblur';
  const { steps, sigmaMax, sigmaMin } = chosen.settings;
  const names = [
    ...['edmSchedule', 'gaussianNoise', 'loadDenoiser', 'sample', 'tiledDenoiser'],
    ...[operator, ...samplerNames, ...(isRepair ? ['measure'] : [])],
  ].sort();
  return `${isRepair ? "import * as tf from '@tensorflow/tfjs';\n" : ''}import { ${names.join(', ')} } from 'spgd';
import { bundledPriors, readImage, useBackend, writeImage } from 'spgd/node';
${isBlurred ? "import { openBorder } from 'spgd/tasks';\n" : ''}
await useBackend();
const prior = await loadDenoiser(bundledPriors.light);
const size = prior.metadata!.size[0];
const [height, width] = [${height}, ${width}];
const photo = await readImage('photo.png', { size: [height, width] });
const sampler = ${samplerExpression};
const noise = gaussianNoise(${noiseStd});
${isRepair ? maskText : ''}${isBlurred ? openText(operatorExpression, noiseStd) : measuredText(operatorExpression, isRepair)}
const { sample: restored } = await sample(
  sampler,
  { denoiser: tiledDenoiser(prior, { size, overlap: size / 8 }), operator, measurement, noise },
  { schedule: edmSchedule(${literal({ steps, sigmaMax, sigmaMin })}), seed: ${seed} },
);
await writeImage('restored.png', ${isRepair ? 'tf.add(tf.mul(restored, tf.sub(1, mask)), tf.mul(photo, mask))' : 'restored'});
`;
}
