import type { io, Tensor4D } from '@tensorflow/tfjs';
import type { BlurNetwork } from '../internal/blur-network';
import { checkInteger } from '../internal/check';
import { downFactor, type KernelWizardConfig, kernelChannels } from './graph/kernel-codes';
import { checkArchitecture, readModel } from './read-model';

/** Options of `loadBlurNetwork`. */
export interface LoadBlurNetworkOptions {
  /**
   * Bytes of activations kept for the gradient; blocks of the network past it are recomputed.
   * @default as much as half of the memory that is left when the gradient is taken
   */
  memoryBudget?: number;
  /** Called during the download with its fraction, from 0 to 1, where the source reports it. */
  onProgress?: (fraction: number) => void;
}

const owner = 'loadBlurNetwork';

/**
 * Loads the network of `nonlinearBlur`, which runs at every size that divides by its `multipleOf`.
 *
 * `source` is the address of a `model.json` that `convertBlurNetwork` wrote, or a `tf.io` handler.
 * The caller disposes it. Throws `TypeError` for another model.
 */
export async function loadBlurNetwork(
  source: string | io.IOHandler,
  { memoryBudget, onProgress }: LoadBlurNetworkOptions = {},
): Promise<BlurNetwork & Required<Pick<BlurNetwork, 'dispose'>>> {
  const model = await readModel(owner, source, onProgress);
  checkArchitecture(model, 'bkse', 'convert the checkpoint by convertBlurNetwork');
  const config = model.metadata!.config as unknown as KernelWizardConfig;
  checkInteger(model.name, 'config nf', config?.nf, 1);
  checkInteger(model.name, 'config input_nc', config.input_nc, 1);
  const { programOf } = await import('./program-of');
  const run = programOf(model, {
    owner,
    inputs: { x: 'image', kernel: 'kernel' },
    output: 'image',
    ...(memoryBudget === undefined ? {} : { memoryBudget }),
  });
  const blur = (x: Tensor4D, kernel: Tensor4D) => run(x, { kernel }) as Tensor4D;
  return Object.assign(blur, {
    multipleOf: downFactor,
    kernelChannels: kernelChannels(config),
    inChannels: config.input_nc,
    dispose: run.dispose,
  });
}
