import { readFile } from 'node:fs/promises';
import type { LoadedDenoiser, ModelMetadata } from 'spgd';

/** A list typed with commas. */
export const byComma = (text: string): string[] => text.split(',');

/** A value of an option: a number where it is one, else a name. */
export const asNumber = (text: string): number | string =>
  Number.isNaN(Number(text)) ? text : Number(text);

/** One option typed as `name=value`. */
export const optionOf = (pair: string): Record<string, number | string> => {
  const [name, value] = pair.split('=') as [string, string];
  return { [name]: asNumber(value) };
};

/** The settings of a file, or those that a model has of its own. */
export const settingsOf = async (
  file: string | undefined,
  { metadata }: LoadedDenoiser,
): Promise<Pick<ModelMetadata, 'settings' | 'mirrored'> | null> =>
  file === undefined ? metadata : { settings: JSON.parse(await readFile(file, 'utf8')) };
