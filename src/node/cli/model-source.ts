import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { io } from '@tensorflow/tfjs';
import { bundledPrior, fileHandler } from 'spgd/node';

/** The `file://` URL of a path, whatever characters it holds. */
export const fileUrl = (path: string): string => pathToFileURL(resolve(path)).href;

/** A model from what was typed: a URL, a path of a model.json or of its folder, or the bundled one. */
export function modelSource(text: string | undefined): string | io.IOHandler {
  if (text === undefined) return fileHandler(bundledPrior);
  if (text.startsWith('file://')) return fileHandler(text);
  if (/^https?:\/\//.test(text)) return text;
  const isFolder = statSync(text, { throwIfNoEntry: false })?.isDirectory();
  return fileHandler(fileUrl(isFolder ? join(text, 'model.json') : text));
}
