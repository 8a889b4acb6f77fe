import { fileSource } from 'spgd/node';
import { parse } from 'yaml';

type Config = Readonly<Record<string, unknown>>;

const largest = 1_000_000;
const deepest = 3;

const isRecord = (value: unknown): value is Config =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The first line of an error of a parser, which shows the place on further lines. */
const firstLine = (error: unknown) => (error as Error).message.split('\n', 1)[0]!;

/** Flags as guided-diffusion's scripts take them: `--image_size 256 --class_cond False`. */
function parseFlags(text: string): Config {
  const flags = text.matchAll(/--(\w+)(?:(?:=|\s+)(?!--)([^\s"'\\]+))?/g);
  return Object.fromEntries([...flags].map(([, key, value]) => [key!, value ?? true]));
}

/** The object that describes a network, which a config file may hold under keys of its own. */
function networkIn(config: Config, depth = 0): Config | undefined {
  if ('image_size' in config || 'num_channels' in config) return config;
  if (depth === deepest) return undefined;
  for (const value of Object.values(config)) {
    const found = isRecord(value) ? networkIn(value, depth + 1) : undefined;
    if (found) return found;
  }
  return undefined;
}

/** The text of a small file. */
async function readText(path: string): Promise<string> {
  const source = await fileSource(path);
  try {
    if (source.size > largest)
      throw new Error(`${path}: must have at most ${largest} bytes, got ${source.size}`);
    return new TextDecoder().decode(await source.read(0, source.size));
  } finally {
    await source.close();
  }
}

/** Reads a JSON or YAML file that holds an object, such as `example`. */
export async function readObject(path: string, example: string): Promise<Config> {
  const text = await readText(path);
  let value: unknown;
  try {
    value = parse(text, { maxAliasCount: 10 });
  } catch (error) {
    throw new Error(`${path}: is neither JSON nor YAML: ${firstLine(error)}`);
  }
  if (isRecord(value)) return value;
  throw new Error(`${path}: must hold an object such as ${example}`);
}

/**
 * The config of a network: flags of guided-diffusion as text, or a file of them, or a JSON or YAML
 * file with the same keys.
 */
export async function readConfig(given: string): Promise<Config> {
  if (given.startsWith('--')) return parseFlags(given);
  const isFlags = /^(\w+=)?["']?--\w/m.test(await readText(given));
  if (isFlags) return parseFlags(await readText(given));
  const config = await readObject(given, '{"image_size": 256}');
  return networkIn(config) ?? config;
}
