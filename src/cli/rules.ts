import { InvalidArgumentError } from 'commander';
import * as v from 'valibot';
import { oneLine } from './one-line';

/** A schema whose messages are rules in words: what a value must be. */
export type Rule<T> = v.GenericSchema<unknown, T>;

/** A value in an error, in at most 80 characters. */
function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

/** The rule of a schema that has no words of its own. */
const ruleOf = ({ expected, received }: v.BaseIssue<unknown>): string =>
  received === 'undefined' ? 'given' : `of type ${expected}`;

/** What an issue says of a field: that it is unknown, or the rule and the value. */
function complaint(issue: v.BaseIssue<unknown>): string {
  const field = v.getDotPath(issue);
  if (issue.type === 'strict_object' && issue.expected === 'never') return `${field} is unknown`;
  return `${field ? `${field} ` : ''}must be ${issue.message}, got ${shown(issue.input)}`;
}

const options = { message: ruleOf, abortEarly: true } as const;

/**
 * A value of a file as a rule has it. Throws an error of one line that names the file, the field, the
 * rule and the value.
 */
export function parse<T>(rule: Rule<T>, value: unknown, file: string): T {
  const result = v.safeParse(rule, value, options);
  if (result.success) return result.output;
  const message = oneLine(`${file}: ${complaint(result.issues[0])}`);
  throw Object.assign(new Error(message), { name: 'InputError' });
}

/** Parses the text of a JSON file by a rule, with the errors of `parse`. */
export function parseJson<T>(content: string, rule: Rule<T>, file: string): T {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    throw Object.assign(new Error(oneLine(`${file}: must be JSON`)), { name: 'InputError' });
  }
  return parse(rule, value, file);
}

/** Reads a flag by a rule. */
export const flag =
  <T>(rule: Rule<T>) =>
  (text: string): T => {
    const result = v.safeParse(rule, text, options);
    if (result.success) return result.output;
    throw new InvalidArgumentError(
      oneLine(`It must be ${result.issues[0].message}, got ${shown(text)}.`),
    );
  };

/** A number, or a text that is one. */
const number = (rule: string, valid: (value: number) => boolean): Rule<number> =>
  v.pipe(
    v.union([v.number(), v.string()], rule),
    v.check((value) => String(value).trim() !== '' && valid(Number(value)), rule),
    v.transform(Number),
  );

/** An integer of at least `least`. */
export const integer = (least: number): Rule<number> =>
  number(
    least === -Infinity ? 'an integer' : `an integer >= ${least}`,
    (value) => Number.isSafeInteger(value) && value >= least,
  );

/** A finite number > 0. */
export const positive = number('a number > 0', (value) => Number.isFinite(value) && value > 0);

/** A finite number >= 0. */
export const notNegative = number('a number >= 0', (value) => Number.isFinite(value) && value >= 0);

/** The side of an image: from 16 to 512, in steps of 8, as the bundled priors take it. */
export const side = number(
  'a multiple of 8 from 16 to 512',
  (value) => value >= 16 && value <= 512 && value % 8 === 0,
);

const sizeRule = 'HEIGHTxWIDTH in pixels, such as 256x320';

/** A size such as `256x320`: height, then width. */
export const heightByWidth: Rule<[height: number, width: number]> = v.pipe(
  v.string(sizeRule),
  v.regex(/^[1-9]\d{0,5}x[1-9]\d{0,5}$/, sizeRule),
  v.transform((value) => value.split('x').map(Number) as [number, number]),
);

/** A text that is not empty. */
export const text: Rule<string> = v.pipe(v.string('a text'), v.minLength(1, 'a text'));

/** Yes or no. */
export const toggle: Rule<boolean> = v.pipe(
  v.union([v.boolean(), v.picklist(['true', 'false'])], 'true or false'),
  v.transform((value) => String(value) === 'true'),
);

/** One of some names. */
export const oneOf = <const T extends string>(names: readonly T[]): Rule<T> =>
  v.picklist(names, `one of ${names.join(', ')}`);

/** A list, or one text with its parts by comma. */
export const list = <T>(item: Rule<T>): Rule<T[]> =>
  v.pipe(
    v.union([v.array(v.unknown()), v.string()], 'a list'),
    v.transform((value): unknown =>
      typeof value === 'string' ? value.split(',').filter((part) => part !== '') : value,
    ),
    v.array(item),
  );

/** A mapping of names to anything. */
export const mapping = (rule: string): Rule<Record<string, unknown>> =>
  v.pipe(
    v.custom<object>(
      (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
      rule,
    ),
    v.record(v.string(), v.unknown()),
  );
