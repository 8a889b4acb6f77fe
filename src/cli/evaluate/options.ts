import { Option } from 'commander';
import { nonlinearBlurName, taskName, tasks } from 'spgd/tasks';
import * as v from 'valibot';
import { parse as parseYaml } from 'yaml';
import {
  flag,
  heightByWidth,
  integer,
  list,
  mapping,
  oneOf,
  parse,
  positive,
  type Rule,
  text,
  toggle,
} from '../rules';
import { backendNames } from '../shared-options';

/** One option of an evaluation: a flag of the command and a key of its config file. */
interface EvaluateOption<T> {
  /** What follows the flag; a switch has nothing. */
  readonly value?: string;
  readonly text: string;
  readonly rule: Rule<T>;
  /**
   * `place`: where something lies, which is compared by its content. `how`: how the work is done,
   * which does not change a result. The others say what is computed.
   */
  readonly kind?: 'place' | 'how';
}

const option = <T>(one: EvaluateOption<T>): EvaluateOption<T> => one;

/** Every task by its name. */
export const taskNames: readonly string[] = [...Object.keys(tasks), nonlinearBlurName];

/** The name of a task, also as the released code spells it. */
const task: Rule<string> = v.pipe(
  v.string('a name'),
  v.transform((name): unknown => taskName(name)),
  oneOf(taskNames),
);

/** The name of a task as a key. */
export const taskKey = task as unknown as v.GenericSchema<string, string>;

/** Names in the order of `taskNames`, so that the order in which they were given does not matter. */
const taskList: Rule<string[]> = v.pipe(
  list(task),
  v.transform((names) => taskNames.filter((name) => names.includes(name))),
);

const size: Rule<string> = v.pipe(
  v.union([v.number(), v.string()], 'a side, or HEIGHTxWIDTH'),
  v.transform((value): unknown => (/^\d+$/.test(String(value)) ? `${value}x${value}` : value)),
  heightByWidth,
  v.transform(([height, width]) => `${height}x${width}`),
);

const shardRule = 'k/n with k from 1 to n, such as 2/4';
const shard: Rule<string> = v.pipe(
  v.string(shardRule),
  v.check((value) => {
    const [, k, n] = /^([1-9]\d{0,5})\/([1-9]\d{0,5})$/.exec(value) ?? [];
    return Number(k) <= Number(n);
  }, shardRule),
);

const settingsRule = 'a mapping of tasks to options, such as {high-dynamic-range: {steps: 20}}';
const settings: Rule<Record<string, Record<string, number | string>>> = v.pipe(
  v.unknown(),
  v.transform((value): unknown => (typeof value === 'string' ? parsedLoosely(value) : value)),
  mapping(settingsRule),
  v.record(
    taskKey,
    v.record(
      v.string(),
      v.union([v.pipe(v.number(), v.finite()), v.string()], 'a number or a name'),
    ),
  ),
);

const address: Rule<string> = v.pipe(
  v.string(),
  v.regex(/^rediss?:\/\/./, 'an address that begins with redis:// or rediss://'),
);

/** A folder of its own below `--out`: a name, not a path. */
const folderName: Rule<string> = v.pipe(
  text,
  v.check(
    (name) => !/[\\/\0]/.test(name) && name !== '.' && name !== '..',
    'a name without / and \\',
  ),
);

/** JSON or YAML; undefined for anything else. */
function parsedLoosely(content: string): unknown {
  try {
    return parseYaml(content, { maxAliasCount: 0 });
  } catch {
    return undefined;
  }
}

/** Every option of `spgd evaluate`: its flags and the keys of a config file both come from here. */
export const evaluateOptions = {
  photos: option({
    value: '<folder>',
    text: 'folder of photos, searched in its subfolders too; also the first argument',
    rule: text,
    kind: 'place',
  }),
  start: option({ value: '<n>', text: 'first photo, counted from 0', rule: integer(0) }),
  end: option({ value: '<n>', text: 'photo to stop before', rule: integer(1) }),
  size: option({
    value: '<size>',
    text: 'side of the crops in pixels, or HEIGHTxWIDTH (default: that of the model)',
    rule: size,
  }),
  task: option({
    value: '<names>',
    text: `what to undo, by comma: ${taskNames.join(', ')} (default: all of the released code but ${nonlinearBlurName})`,
    rule: taskList,
  }),
  sampler: option({ value: '<name>', text: 'how: spgd, spgd:<base> or a base', rule: text }),
  model: option({
    value: '<url-or-path>',
    text: 'the prior: model.json or its folder (default: the bundled prior)',
    rule: text,
    kind: 'place',
  }),
  blurModel: option({
    value: '<url-or-path>',
    text: `the network of ${nonlinearBlurName}, from \`spgd convert bkse\``,
    rule: text,
    kind: 'place',
  }),
  lpips: option({
    value: '<url-or-path>',
    text: 'a model of `spgd convert lpips`: rates by LPIPS as well',
    rule: text,
    kind: 'place',
  }),
  replacePooling: option({
    text: 'averages in LPIPS by VGG-16, as the released evaluation does',
    rule: toggle,
  }),
  samples: option({ value: '<n>', text: 'posterior samples of each photo', rule: integer(1) }),
  batch: option({ value: '<n>', text: 'photos restored at once', rule: integer(1) }),
  seed: option({ value: '<n>', text: 'any integer', rule: integer(-Infinity) }),
  steps: option({ value: '<n>', text: 'diffusion steps of every task', rule: integer(1) }),
  warmupSteps: option({ value: '<n>', text: 'gradients before each step', rule: integer(0) }),
  learningRate: option({ value: '<x>', text: 'size of a gradient step', rule: positive }),
  settings: option({
    value: '<mapping>',
    text: 'options of single tasks, such as "{high-dynamic-range: {steps: 20, decay: 0}}"',
    rule: settings,
  }),
  trajectory: option({ text: 'write each run as an animated WebP as well', rule: toggle }),
  backend: option({
    value: '<name>',
    text: 'backend of TensorFlow.js',
    rule: oneOf(backendNames),
  }),
  gpu: option({
    value: '<numbers>',
    text: 'graphics cards by comma, counted from 0; workers take them in turn',
    rule: list(integer(0)),
    kind: 'how',
  }),
  workers: option({ value: '<n>', text: 'processes at work', rule: integer(1), kind: 'how' }),
  shard: option({
    value: '<k/n>',
    text: 'do only the k-th of n parts; `spgd merge` joins them',
    rule: shard,
    kind: 'how',
  }),
  queue: option({
    value: '<url>',
    text: 'leave the work to `spgd worker --queue`: redis://host:port, or rediss:// for TLS',
    rule: address,
    kind: 'how',
  }),
  queueWait: option({
    value: '<seconds>',
    text: 'how long the server of --queue may take to answer first',
    rule: positive,
    kind: 'how',
  }),
  name: option({ value: '<name>', text: 'folder below --out', rule: folderName, kind: 'how' }),
  out: option({ value: '<folder>', text: 'folder of all evaluations', rule: text, kind: 'how' }),
} as const satisfies Readonly<Record<string, EvaluateOption<unknown>>>;

/** A key of a config file. */
export type EvaluateKey = keyof typeof evaluateOptions;

type ValueOf<K extends EvaluateKey> = v.InferOutput<(typeof evaluateOptions)[K]['rule']>;

/** Options as given, by flags or by a config file; metrics by flags alone, since they are code. */
export type GivenOptions = { readonly [K in EvaluateKey]?: ValueOf<K> } & {
  readonly metric?: readonly string[];
};

/** What holds where nothing is given. */
export const evaluateDefaults = {
  start: 0,
  task: taskNames.filter((name) => name !== 'denoising' && name !== nonlinearBlurName),
  sampler: 'spgd',
  metric: [],
  samples: 1,
  batch: 1,
  seed: 0,
  settings: {},
  trajectory: false,
  replacePooling: false,
  backend: 'auto',
  workers: 1,
  queueWait: 30,
  out: 'results',
} as const satisfies GivenOptions;

/** Every key, in the order of the help text. */
export const evaluateKeys = Object.keys(evaluateOptions) as EvaluateKey[];

/** The kind of a key. */
export const kindOf = (key: EvaluateKey): 'place' | 'how' | undefined =>
  (evaluateOptions[key] as EvaluateOption<unknown>).kind;

const kebab = (key: string): string =>
  key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** The flag of an option. */
export function flagOf(key: EvaluateKey): Option {
  const { value, text, rule }: EvaluateOption<unknown> = evaluateOptions[key];
  const byDefault = (evaluateDefaults as GivenOptions)[key];
  const isPlain = typeof byDefault === 'string' || typeof byDefault === 'number';
  const help = isPlain ? `${text} (default: ${byDefault})` : text;
  const made = new Option(`--${kebab(key)}${value ? ` ${value}` : ''}`, help);
  return value ? made.argParser(flag(rule)) : made;
}

/** `--metric`, which no file may name: the modules are run. */
export const metricFlag = (): Option =>
  new Option(
    '--metric <files>',
    'JavaScript modules by comma, which are run; each function that they export is one more metric',
  ).argParser(flag(list(text)));

const camel = (key: string): string => key.replace(/-(.)/g, (_, letter) => letter.toUpperCase());

const configRule = v.strictObject(
  Object.fromEntries(
    evaluateKeys.map((key) => [key, v.optional(evaluateOptions[key].rule as Rule<unknown>)]),
  ),
);

/** Reads the text of a config file, JSON or YAML; its keys are the names of the flags or of the library. */
export function readConfig(source: string, file: string): GivenOptions {
  const rule = 'a JSON or YAML mapping such as {"task": "denoising", "samples": 2}';
  const content = parse(mapping(rule), parsedLoosely(source), file);
  const named = Object.entries(content).map(([key, value]) => [camel(key), value] as const);
  if (named.some(([key]) => key === 'metric'))
    throw Object.assign(
      new Error(`${file}: metric must be given by the flag --metric: no file may name code`),
      { name: 'InputError' },
    );
  return parse(configRule, Object.fromEntries(named), file) as GivenOptions;
}
