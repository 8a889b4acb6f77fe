import { basename, dirname } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { filePath, isFileUrl } from './file-url';
import { loadModel } from './load-model';
import { saveModel } from './save-model';

/**
 * Loads and saves a TensorFlow.js model on disk: `file://` and the path of a `model.json`, or of its
 * folder when saving.
 *
 * Loading checks the sizes of the weights and never reads outside the model's folder. Saving is all
 * or nothing, in pieces of 64 MB, and replaces nothing but a model. Errors name the file.
 */
export function fileHandler(url: string): tf.io.IOHandler & {
  /** The path of the model: what errors call it. */
  readonly name: string;
  /** Reads the model. */
  load(): Promise<tf.io.ModelArtifacts>;
  /** Writes a model in its place. */
  save(artifacts: tf.io.ModelArtifacts): Promise<tf.io.SaveResult>;
} {
  const path = filePath(url);
  const folder = basename(path) === 'model.json' ? dirname(path) : path;
  return {
    name: path,
    load: () => loadModel(path),
    save: (artifacts) => saveModel(folder, artifacts),
  };
}

let asking = false;

/** A router that stands back where another one answers: TensorFlow.js refuses two for one URL. */
const router =
  (others: (url: string) => tf.io.IOHandler[]) =>
  (url: string | string[]): tf.io.IOHandler => {
    const none = null as unknown as tf.io.IOHandler;
    if (asking || !isFileUrl(url)) return none;
    asking = true;
    try {
      return others(url).length ? none : fileHandler(url);
    } finally {
      asking = false;
    }
  };

/** Lets TensorFlow.js load and save under `file://`, unless it can already. */
export function registerFileHandler(): void {
  if (tf.io.getLoadHandlers('file://model.json').length) return;
  tf.io.registerLoadRouter(router(tf.io.getLoadHandlers));
  tf.io.registerSaveRouter(router(tf.io.getSaveHandlers));
}
