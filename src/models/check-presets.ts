import { checkType } from '../internal/check';
import type { ModelPresets } from './model-metadata';

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isOption = (value: unknown) => typeof value === 'string' || Number.isFinite(value);

/** Every entry of a record, or nothing where it is none. */
const every = (value: unknown, rule: (entry: unknown) => boolean): boolean =>
  isRecord(value) && Object.values(value).every(rule);

/** Checks presets that came from a file. Throws `TypeError` in the name of `owner`. */
export function checkPresets(owner: string, presets: unknown): asserts presets is ModelPresets {
  const valid = every(presets, (task) => every(task, (sampler) => every(sampler, isOption)));
  const kind = '{ task: { sampler: { option: number or name } } }';
  checkType(valid, owner, 'presets', kind, JSON.stringify(presets)?.slice(0, 80));
}
