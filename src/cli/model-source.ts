import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { io } from '@tensorflow/tfjs';
import { bundledPriors, fileHandler } from 'spgd/node';

/** The `file://` URL of a path, whatever characters it holds. */
export const fileUrl = (path: string): string => pathToFileURL(resolve(path)).href;

/** The names of the bundled priors. */
const priorNames = Object.keys(bundledPriors) as readonly (keyof typeof bundledPriors)[];

/**
 * The URL of a model from what was typed, `prior64` where nothing was: a bundled prior, a URL,
 * hf:owner/name, or a path of a model.json or of its folder.
 */
export function modelUrl(text: string = 'prior64'): string {
  const name = priorNames.find((one) => one === text);
  if (name) return bundledPriors[name];
  if (/^((file|https?):\/\/|hf:)/.test(text)) return text;
  const isFolder = statSync(text, { throwIfNoEntry: false })?.isDirectory();
  return fileUrl(isFolder ? join(text, 'model.json') : text);
}

/** What was typed as something that loads; `prior64` where nothing was. */
export function modelSource(text?: string): string | io.IOHandler {
  const url = modelUrl(text);
  return url.startsWith('file://') ? fileHandler(url) : url;
}
