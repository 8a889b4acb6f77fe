import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkType } from '../internal/check';

const scheme = 'file://';

/** Whether this is what TensorFlow.js takes for a file: `file://` and a path. */
export const isFileUrl = (url: unknown): url is string =>
  typeof url === 'string' && url.startsWith(scheme);

/** Whether it is a URL by the letter: what `pathToFileURL` makes, with %20 for a space. */
const isProperUrl = (url: string): boolean => URL.canParse(url) && new URL(url).href === url;

/**
 * The path that follows `file://`, from the working directory if it is relative, as TensorFlow.js
 * has it. A proper URL such as `file:///a%20b/model.json` is decoded, unless the name as it stands
 * is there.
 */
export function filePath(url: string): string {
  checkType(isFileUrl(url), 'fileHandler', 'url', "a string that begins with 'file://'", url);
  const path = resolve(url.slice(scheme.length));
  if (!url.startsWith(`${scheme}/`) || existsSync(path) || !isProperUrl(url)) return path;
  try {
    return fileURLToPath(url);
  } catch {
    return path;
  }
}
