import { checkType } from '../internal/check';
import type { TaskSettings } from './model-metadata';

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isOption = (value: unknown) => typeof value === 'string' || Number.isFinite(value);

/** Whether `value` is a record and every entry of it follows the rule. */
const every = (value: unknown, rule: (entry: unknown) => boolean): boolean =>
  isRecord(value) && Object.values(value).every(rule);

/** Checks task settings from a file. Throws `TypeError` in the name of `owner`. */
export function checkTaskSettings(
  owner: string,
  settings: unknown,
): asserts settings is TaskSettings {
  const valid = every(settings, (task) => every(task, (sampler) => every(sampler, isOption)));
  const kind = '{ task: { sampler: { option: number or name } } }';
  checkType(valid, owner, 'settings', kind, JSON.stringify(settings)?.slice(0, 80));
}
