import { checkRange } from '../internal/check';
import { type BackendName, backends } from './backends';
import { type BackendChoice, chooseBackend, startBackend } from './choose-backend';
import { registerFileHandler } from './file-handler';
import { registerHubRouter } from './hub-router';

let warned = false;

function warnOfJavaScript({ name, reason }: BackendChoice): void {
  if (name !== 'cpu' || warned) return;
  warned = true;
  console.warn(
    `spgd: running on the JavaScript backend, which is very slow, since ${reason}. ` +
      "Remedy: run 'npm install @tensorflow/tfjs-backend-wasm' or 'npm install @tensorflow/tfjs-node'.",
  );
}

/**
 * Chooses the backend of TensorFlow.js in Node, checks that it computes, and says which and why.
 *
 * `'auto'` takes the first that works of `tfjs-node-gpu`, `tfjs-node` (optional packages), `wasm` and
 * `cpu`, and warns where only the JavaScript backend is left. `'webgpu'` must be asked for. It also
 * lets TensorFlow.js load and save models under `file://`, and load `hf:owner/name`.
 *
 * Throws `RangeError` for another name, and an error with the remedy where the backend that was asked
 * for by name is not installed or fails to start.
 */
export async function useBackend(
  name: BackendName | 'auto' = 'auto',
): Promise<BackendChoice<BackendName>> {
  const candidate = backends.find((one) => one.name === name);
  const names = backends.map((one) => one.name).join(', ');
  checkRange(name === 'auto' || !!candidate, 'useBackend', 'name', `one of auto, ${names}`, name);
  const choice = await (candidate ? startBackend(candidate) : chooseBackend(backends));
  if (name === 'auto') warnOfJavaScript(choice);
  registerFileHandler();
  registerHubRouter();
  return choice;
}
