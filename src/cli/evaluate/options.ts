import { Option } from 'commander';
import { integer, positive } from '../parse';
import { backendNames } from '../shared-options';
import {
  isRecord,
  list,
  namesOf,
  nonlinearBlurName,
  oneOf,
  parseLoosely,
  readQueue,
  readSettings,
  readShard,
  readSize,
  readSwitch,
  taskNames,
  text,
} from './option-values';

/** One option of an evaluation: a flag of the command and a key of its config file alike. */
interface EvaluateOption<T> {
  /** What stands behind the flag; a switch has nothing. */
  readonly value?: string;
  readonly text: string;
  read(text: string): T;
  /**
   * `place`: where something lies, which is compared by its content. `how`: how the work is done,
   * which does not change a result. The others say what is computed.
   */
  readonly kind?: 'place' | 'how';
}

const option = <T>(one: EvaluateOption<T>): EvaluateOption<T> => one;

/** Every option of `spgd evaluate`: its flags and the keys of a config file both come from here. */
export const evaluateOptions = {
  photos: option({
    value: '<folder>',
    text: 'folder of photos, searched in its subfolders too; also the first argument',
    read: text,
    kind: 'place',
  }),
  start: option({ value: '<n>', text: 'first photo, counted from 0', read: integer(0) }),
  end: option({ value: '<n>', text: 'photo to stop before', read: integer(1) }),
  size: option({
    value: '<size>',
    text: 'side of the crops in pixels, or HEIGHTxWIDTH (default: that of the model)',
    read: readSize,
  }),
  task: option({
    value: '<names>',
    text: `what to undo, by comma: ${taskNames.join(', ')} (default: all that the released code has but nonlinear_blur)`,
    read: namesOf(taskNames),
  }),
  sampler: option({ value: '<name>', text: 'how: spgd, spgd:<base> or a base', read: text }),
  model: option({
    value: '<url-or-path>',
    text: 'the prior: model.json or its folder (default: the bundled prior)',
    read: text,
    kind: 'place',
  }),
  blurModel: option({
    value: '<url-or-path>',
    text: 'the network of nonlinear_blur, of `spgd convert bkse`',
    read: text,
    kind: 'place',
  }),
  lpips: option({
    value: '<url-or-path>',
    text: 'a model of `spgd convert lpips`: rates by LPIPS as well',
    read: text,
    kind: 'place',
  }),
  replacePooling: option({
    text: 'averages in LPIPS by VGG-16, as the released evaluation does',
    read: readSwitch,
  }),
  metric: option({
    value: '<files>',
    text: 'JavaScript modules by comma; each function that they export is one more metric',
    read: list,
    kind: 'place',
  }),
  runs: option({ value: '<n>', text: 'posterior samples of each photo', read: integer(1) }),
  batch: option({ value: '<n>', text: 'photos restored at once', read: integer(1) }),
  seed: option({ value: '<n>', text: 'any integer', read: integer(-Infinity) }),
  steps: option({ value: '<n>', text: 'diffusion steps of every task', read: integer(1) }),
  warmupSteps: option({ value: '<n>', text: 'gradients before each step', read: integer(0) }),
  learningRate: option({ value: '<x>', text: 'size of a gradient step', read: positive }),
  settings: option({
    value: '<mapping>',
    text: 'options of single tasks, such as "{hdr: {steps: 20, decay: 0}}"',
    read: readSettings,
  }),
  trajectory: option({ text: 'write each run as an animated WebP as well', read: readSwitch }),
  backend: option({
    value: '<name>',
    text: 'backend of TensorFlow.js',
    read: oneOf(backendNames),
  }),
  gpu: option({
    value: '<numbers>',
    text: 'graphics cards by comma, counted from 0; workers take them in turn',
    read: (value) => list(value).map((one) => integer(0)(one)),
    kind: 'how',
  }),
  workers: option({ value: '<n>', text: 'processes at work', read: integer(1), kind: 'how' }),
  shard: option({
    value: '<k/n>',
    text: 'do only the k-th of n parts; `spgd merge` joins them',
    read: readShard,
    kind: 'how',
  }),
  queue: option({
    value: '<url>',
    text: 'leave the work to `spgd worker --queue`: redis://host:port',
    read: readQueue,
    kind: 'how',
  }),
  name: option({ value: '<name>', text: 'folder below --out', read: text, kind: 'how' }),
  out: option({ value: '<folder>', text: 'folder of all evaluations', read: text, kind: 'how' }),
} as const satisfies Readonly<Record<string, EvaluateOption<unknown>>>;

/** A key of a config file. */
export type EvaluateKey = keyof typeof evaluateOptions;

/** Options as given: by flags, or by a config file. */
export type GivenOptions = {
  readonly [K in EvaluateKey]?: ReturnType<(typeof evaluateOptions)[K]['read']>;
};

type DefaultKey =
  | 'start'
  | 'task'
  | 'sampler'
  | 'metric'
  | 'runs'
  | 'batch'
  | 'seed'
  | 'settings'
  | 'trajectory'
  | 'replacePooling'
  | 'backend'
  | 'workers'
  | 'out';

/** What holds where nothing is given. */
export const evaluateDefaults: { readonly [K in DefaultKey]: NonNullable<GivenOptions[K]> } = {
  start: 0,
  task: taskNames.filter((name) => name !== 'denoising' && name !== nonlinearBlurName),
  sampler: 'spgd',
  metric: [],
  runs: 1,
  batch: 1,
  seed: 0,
  settings: {},
  trajectory: false,
  replacePooling: false,
  backend: 'auto',
  workers: 1,
  out: 'results',
};

/** Every key, in the order of the help text. */
export const evaluateKeys = Object.keys(evaluateOptions) as EvaluateKey[];

/** The kind of a key. */
export const kindOf = (key: EvaluateKey): 'place' | 'how' | undefined =>
  (evaluateOptions[key] as EvaluateOption<unknown> | undefined)?.kind;

const kebab = (key: string): string =>
  key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** The flag of an option. */
export function flagOf(key: EvaluateKey): Option {
  const { value, text, read }: EvaluateOption<unknown> = evaluateOptions[key];
  const shown = (evaluateDefaults as GivenOptions)[key];
  const plain = typeof shown === 'string' || typeof shown === 'number';
  const help = plain ? `${text} (default: ${shown})` : text;
  const flag = new Option(`--${kebab(key)}${value ? ` ${value}` : ''}`, help);
  return value ? flag.argParser((given: string) => read(given)) : flag;
}

/** A value of a config file as it would be typed. */
const typed = (value: unknown): string => {
  if (Array.isArray(value)) return value.map(String).join(',');
  return isRecord(value) ? JSON.stringify(value) : String(value);
};

/** Reads the text of a config file, JSON or YAML; `name` stands at the start of its errors. */
export function readConfig(source: string, name: string): GivenOptions {
  const config = parseLoosely(source);
  if (!isRecord(config))
    throw new Error(`${name}: must be a JSON or YAML mapping such as {"task": "hdr", "runs": 2}`);
  const entries = Object.entries(config).map(([key, value]) => {
    if (!Object.hasOwn(evaluateOptions, key))
      throw new Error(`${name}: unknown key ${key}; known are ${evaluateKeys.join(', ')}`);
    if (value === null) throw new Error(`${name}: ${key} must have a value`);
    try {
      return [key, evaluateOptions[key as EvaluateKey].read(typed(value))];
    } catch (error) {
      throw new Error(`${name}: ${key}: ${(error as Error).message}`);
    }
  });
  return Object.fromEntries(entries);
}
