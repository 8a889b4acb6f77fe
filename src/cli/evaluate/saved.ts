import * as v from 'valibot';
import { integer, oneOf, positive, type Rule } from '../rules';
import { evaluateOptions, taskKey, taskNames } from './options';

const { photos, start, end, size, task, sampler, model, blurModel, lpips } = evaluateOptions;
const { replacePooling, samples, batch, seed, trajectory } = evaluateOptions;

const backends = ['tfjs-node-gpu', 'tfjs-node', 'webgpu', 'wasm', 'cpu'] as const;

/** What is computed, with nothing left to choose. */
const computed = {
  start: start.rule,
  end: v.optional(end.rule),
  /** `HEIGHTxWIDTH`. */
  size: size.rule,
  task: task.rule,
  sampler: sampler.rule,
  replacePooling: replacePooling.rule,
  samples: samples.rule,
  batch: batch.rule,
  seed: seed.rule,
  settings: v.record(
    taskKey,
    v.objectWithRest(
      { steps: integer(1), sigmaMax: positive },
      v.union([v.number(), v.string()], 'a number or a name'),
    ),
  ),
  trajectory: trajectory.rule,
  backend: v.picklist(backends),
};

/** What is computed, as a job of the queue carries it: no path and no address. */
export const computedRule = v.strictObject(computed);

/** What is computed, without any place. */
export type Computed = v.InferOutput<typeof computedRule>;

/** The content of `config.json`: what is computed, and where it was found. */
export const configRule = v.strictObject({
  photos: photos.rule,
  ...computed,
  model: v.optional(model.rule),
  blurModel: v.optional(blurModel.rule),
  lpips: v.optional(lpips.rule),
});

/** What is computed, with nothing left to choose: the content of `config.json`. */
export type EvaluationConfig = v.InferOutput<typeof configRule>;

const digest: Rule<string> = v.pipe(v.string(), v.maxLength(300));

/** A photo: its place among all photos of the folder, its path there, and its SHA-256. */
const photo = v.strictObject({
  index: integer(0),
  /** Its path below the folder, with `/`. */
  name: v.pipe(
    v.string(),
    v.check(
      (name) => name !== '' && !/^\/|\\|\0/.test(name) && !name.split('/').includes('..'),
      'a path inside the folder of photos',
    ),
  ),
  /** SHA-256 of the file; where it cannot be read, why. */
  digest,
});

/** A photo of a folder. */
export type Photo = Readonly<v.InferOutput<typeof photo>>;

/** The content of `inputs.json`. */
export const inputsRule = v.strictObject({
  version: v.string(),
  /** SHA-256 of the prior, and of the other models by their option. */
  models: v.record(v.string(), digest),
  /** SHA-256 of the modules of `--metric`. */
  metric: v.array(digest),
  metrics: v.array(v.strictObject({ name: v.string(), lowerIsBetter: v.boolean() })),
  photos: v.array(photo),
});

/** What a result depends on besides the config: the content of `inputs.json`. */
export type Inputs = v.InferOutput<typeof inputsRule>;

/** A number; JSON holds null in the place of NaN and infinity. */
const measured: Rule<number> = v.pipe(
  v.nullable(v.number()),
  v.transform((value) => value ?? Number.NaN),
);

/** What is known of an item after a step. */
const stepRule = v.strictObject({
  sigma: v.number(),
  /** Root mean square of `A(denoised) - y`. */
  dataError: v.optional(measured),
  /** PSNR of the estimate of the clean image. */
  psnr: measured,
  /** Angle to the likelihood gradient of the step before, in degrees, where there are two. */
  gradientAngle: v.optional(measured),
});

/** What is known of an item after a step. */
export type StepRecord = Readonly<v.InferOutput<typeof stepRule>>;

/** The record of an item that is done: a photo, degraded by a task, restored in a run. */
export const recordRule = v.strictObject({
  photo: v.string(),
  index: integer(0),
  task: oneOf(taskNames),
  run: integer(0),
  seeds: v.strictObject({
    operator: v.number(),
    measurement: v.number(),
    sample: v.number(),
  }),
  /** Why the photo could not be read. */
  unreadable: v.optional(v.string()),
  /** How the run diverged, and what to change. */
  diverged: v.optional(v.string()),
  metrics: v.optional(v.record(v.string(), measured)),
  steps: v.optional(v.array(stepRule)),
  /** Wall-clock time of the batch divided by its items: the one value that is never the same twice. */
  seconds: v.optional(v.number()),
});

/** What is known of an item that is done. */
export type ItemRecord = Readonly<v.InferOutput<typeof recordRule>>;
