import { plainText } from '../internal/plain-text';
import type { TaskSettings } from './model-metadata';

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const largest = 1e6;
const longest = 64;

// Settings come from files: numbers and texts are bounded, as a run allocates what they ask for.
const isOption = (value: unknown): boolean =>
  typeof value === 'string'
    ? value.length <= longest
    : typeof value === 'number' && Math.abs(value) <= largest;

/** Where `value` breaks the shape of settings, as a path of keys; undefined where it does not. */
function wrongEntry(value: unknown, path: string, levels: number): string | undefined {
  if (levels === 0) return isOption(value) ? undefined : path;
  if (!isRecord(value)) return path;
  for (const [key, entry] of Object.entries(value)) {
    const wrong = wrongEntry(entry, `${path}.${plainText(key, 40)}`, levels - 1);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

/** Checks task settings from a file. Throws `TypeError` in the name of `owner`, naming the entry. */
export function checkTaskSettings(
  owner: string,
  settings: unknown,
): asserts settings is TaskSettings {
  const wrong = wrongEntry(settings, 'settings', 3);
  const kind = 'settings must be { task: { sampler: { option: number or name } } }';
  const bounds = `numbers of at most ${largest}, names of at most ${longest} characters`;
  if (wrong !== undefined) throw new TypeError(`${owner}: ${kind}, ${bounds}: ${wrong} is not`);
}
