import * as tf from '@tensorflow/tfjs';
import { isHubName } from '../models/hub/hub-name';
import { hubSettings } from './hub-settings';

/** Fetches and converts a model of the hub, with the settings of the environment. */
const handlerOf = (name: string, { onProgress }: tf.io.LoadOptions = {}): tf.io.IOHandler => ({
  async load() {
    const { hubHandler } = await import('../models/hub/hub-handler');
    return hubHandler(name, { ...hubSettings(), ...(onProgress && { onProgress }) }).load!();
  },
});

const router = (url: string | string[], options?: tf.io.LoadOptions): tf.io.IOHandler =>
  isHubName(url) ? handlerOf(url, options) : (null as unknown as tf.io.IOHandler);

/** Lets TensorFlow.js load `hf:owner/name`, unless it can already. */
export function registerHubRouter(): void {
  if (tf.io.getLoadHandlers('hf:owner/name').length === 0) tf.io.registerLoadRouter(router);
}
