import { plainText } from '../../internal/plain-text';

const longest = 80;

const plain = (value: unknown): unknown =>
  typeof value === 'string' ? plainText(value, longest) : value;

/** A config from a file as plain JSON, without control characters and long texts: errors show it. */
export function plainConfig(
  config: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const entries = Object.entries(config).map(([key, value]) => [plainText(key, longest), value]);
  return JSON.parse(JSON.stringify(Object.fromEntries(entries)), (_key, value) => plain(value));
}
