import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { io } from '@tensorflow/tfjs';
import { bundledPrior, fileHandler } from 'spgd/node';

/** The `file://` URL of a path, whatever characters it holds. */
export const fileUrl = (path: string): string => pathToFileURL(resolve(path)).href;

/** The URL of a model from what was typed: a URL, a path of a model.json or of its folder. */
export function modelUrl(text: string | undefined): string {
  if (text === undefined) return bundledPrior;
  if (/^((file|https?):\/\/|hf:)/.test(text)) return text;
  const isFolder = statSync(text, { throwIfNoEntry: false })?.isDirectory();
  return fileUrl(isFolder ? join(text, 'model.json') : text);
}

/** What was typed as something that loads; the bundled prior where nothing was. */
export function modelSource(text: string | undefined): string | io.IOHandler {
  const url = modelUrl(text);
  return url.startsWith('file://') ? fileHandler(url) : url;
}
