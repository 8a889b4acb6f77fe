import { InvalidArgumentError, Option } from 'commander';
import type { BackendName } from 'spgd/node';
import { parse as parseYaml } from 'yaml';
import { heightByWidth, integer, positive } from '../parse';
import { tasks } from '../tasks';

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

const text = (value: string): string => value;
const list = (value: string): string[] => value.split(',').filter((part) => part !== '');

const oneOf =
  <T extends string>(choices: readonly T[]) =>
  (value: string): T => {
    if ((choices as readonly string[]).includes(value)) return value as T;
    throw new InvalidArgumentError(`Allowed choices are ${choices.join(', ')}.`);
  };

/** Names by comma, in the order of `choices`, so that it does not matter how they were typed. */
const namesOf =
  (choices: readonly string[]) =>
  (value: string): string[] => {
    const names = list(value).map(oneOf(choices));
    return choices.filter((choice) => names.includes(choice));
  };

const readSize = (value: string): string => {
  const [height, width] = heightByWidth(/^\d+$/.test(value) ? `${value}x${value}` : value);
  return `${height}x${width}`;
};

const readShard = (value: string): string => {
  const [, k, n] = /^([1-9]\d{0,5})\/([1-9]\d{0,5})$/.exec(value) ?? [];
  if (k && n && Number(k) <= Number(n)) return value;
  throw new InvalidArgumentError(`It must be k/n with k from 1 to n, such as 2/4, got ${value}.`);
};

const readQueue = (value: string): string => {
  if (/^rediss?:\/\/./.test(value)) return value;
  throw new InvalidArgumentError(`It must begin with redis:// or rediss://, got ${value}.`);
};

const readSwitch = (value: string): boolean => oneOf(['true', 'false'])(value) === 'true';

type Tuned = Readonly<Record<string, Readonly<Record<string, number | string>>>>;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Settings by task, in JSON or YAML: `{hdr: {steps: 20, decay: 0}}`. */
const readSettings = (value: string): Tuned => {
  const example = '{hdr: {steps: 20, decay: 0}}';
  const refuse = (why: string) => new InvalidArgumentError(`${why}, such as ${example}.`);
  const settings = parseLoosely(value);
  const isOption = (one: unknown) => typeof one === 'string' || Number.isFinite(one);
  if (!isRecord(settings)) throw refuse('It must be a mapping of tasks to options');
  for (const [task, options] of Object.entries(settings)) {
    oneOf(taskNames)(task);
    if (!isRecord(options) || !Object.values(options).every(isOption))
      throw refuse(`${task} must be a mapping of options to numbers or names`);
  }
  return settings as Tuned;
};

const parseLoosely = (value: string): unknown => {
  try {
    return parseYaml(value);
  } catch {
    return undefined;
  }
};

/** Every task by its name; `nonlinear_blur` needs a model of its own. */
export const taskNames: readonly string[] = Object.keys(tasks);

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
    text: `what to undo, by comma: ${taskNames.join(', ')} (default: all but denoising)`,
    read: namesOf(taskNames),
  }),
  sampler: option({ value: '<name>', text: 'how: spgd, spgd:<base> or a base', read: text }),
  model: option({
    value: '<url-or-path>',
    text: 'the prior: model.json or its folder (default: the bundled prior)',
    read: text,
    kind: 'place',
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
    read: oneOf<BackendName | 'auto'>(['auto', 'tfjs-node-gpu', 'tfjs-node', 'wasm', 'cpu']),
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
  | 'backend'
  | 'workers'
  | 'out';

/** What holds where nothing is given. */
export const evaluateDefaults: { readonly [K in DefaultKey]: NonNullable<GivenOptions[K]> } = {
  start: 0,
  task: taskNames.filter((name) => name !== 'denoising'),
  sampler: 'spgd',
  metric: [],
  runs: 1,
  batch: 1,
  seed: 0,
  settings: {},
  trajectory: false,
  backend: 'auto',
  workers: 1,
  out: 'results',
};

/** Every key, in the order of the help text. */
export const evaluateKeys = Object.keys(evaluateOptions) as EvaluateKey[];

/** The kind of a key. */
export const kindOf = (key: EvaluateKey): 'place' | 'how' | undefined =>
  (evaluateOptions[key] as EvaluateOption<unknown>).kind;

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
