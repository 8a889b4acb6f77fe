import type { io } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkRange } from '../internal/check';
import { ddpmDenoiser } from './ddpm-denoiser';
import type { Denoiser } from './denoiser';
import type { Precision } from './graph/bfloat16';
import { graphModelNetwork } from './graph/graph-model-network';
import { programNetwork } from './graph/program-network';
import type { ModelMetadata } from './model-metadata';
import type { Network } from './network';
import type { ProgramOptions } from './program-of';
import { checkArchitecture, readModel, type StoredModel } from './read-model';
import { vpDenoiser } from './vp-denoiser';

/** Options of `loadDenoiser`. */
export interface LoadDenoiserOptions {
  /**
   * Makes the denoiser of the network, e.g. `(network) => ddpmDenoiser(network)`. Required for a
   * model that `convertCheckpoint` did not write; for others it replaces what the model says.
   */
  precondition?: (network: Network) => Denoiser;
  /** The class to draw from, where the model is conditioned on classes: an integer >= 0. */
  classLabel?: number;
  /**
   * Bytes of activations kept for the gradient of a batch, or of a group of tiles; blocks of the
   * network past it run a second time.
   * 0 keeps the least memory and costs about one forward pass in three.
   * @default as much as half of the memory that is left when the gradient is taken
   */
  memoryBudget?: number;
  /**
   * What convolutions compute in. `'bfloat16'` needs native TensorFlow, and pays for wide networks on
   * a processor with instructions for it: a relative error of about 1e-2.
   * @default 'float32'
   */
  precision?: Precision;
  /** Told of the download, from 0 to 1, where the source can tell. */
  onProgress?: (fraction: number) => void;
}

/** A denoiser from a model file; `dispose` frees its weights. */
export interface LoadedDenoiser extends Denoiser {
  /** What the model says of itself; null for a model that `convertCheckpoint` did not write. */
  readonly metadata: ModelMetadata | null;
  dispose(): void;
}

const owner = 'loadDenoiser';

/**
 * Loads a TensorFlow.js graph model `(x, t) -> F` as a denoiser.
 *
 * `source` is the address of a `model.json` (`https://…`; `file://…` after `useBackend` of
 * `spgd/node`) or any `tf.io` handler. Models of `convertCheckpoint` run at every size that
 * divides by their `multipleOf`, with a gradient of their own; any other graph model of that
 * signature runs as TensorFlow.js runs it, and needs `precondition`.
 */
export async function loadDenoiser(
  source: string | io.IOHandler,
  options: LoadDenoiserOptions = {},
): Promise<LoadedDenoiser> {
  const model = await readModel(owner, source, options.onProgress);
  const metadata = denoiserMetadata(model);
  const { precondition } = options;
  if (!metadata && !precondition) {
    const which = typeof source === 'string' ? source : 'the model';
    throw new TypeError(
      `${owner}: precondition must be given: ${which} does not say how it was trained`,
    );
  }
  const network = metadata
    ? await ownNetwork(model, metadata, options)
    : await foreignNetwork(model, options);
  try {
    const denoiser = precondition ? precondition(network) : preconditioned(network, metadata!);
    const dispose = () => {
      denoiser.dispose?.();
      network.dispose?.();
    };
    return { ...denoiser, metadata, dispose };
  } catch (error) {
    network.dispose?.();
    throw error;
  }
}

function denoiserMetadata(model: StoredModel): ModelMetadata | null {
  if (model.metadata) checkArchitecture(model, 'adm', 'it denoises nothing');
  return model.metadata as ModelMetadata | null;
}

/** The denoiser of a network that was trained as its model says. */
const preconditioned = (network: Network, { preconditioning }: ModelMetadata): Denoiser =>
  preconditioning.name === 'vp'
    ? vpDenoiser(network, preconditioning)
    : ddpmDenoiser(network, preconditioning);

/** Any other graph model, run as TensorFlow.js runs it. */
async function foreignNetwork(
  { artifacts, name }: StoredModel,
  { classLabel }: LoadDenoiserOptions,
): Promise<Network> {
  checkClassLabel(classLabel, 0);
  const model = await tf.loadGraphModel(tf.io.fromMemory(artifacts));
  try {
    return graphModelNetwork(model, name);
  } catch (error) {
    model.dispose();
    throw error;
  }
}

function checkClassLabel(classLabel: number | undefined, classes: number): void {
  if (classes === 0) {
    const rule = 'left out for a model that is not conditioned on classes';
    checkRange(classLabel === undefined, owner, 'classLabel', rule, classLabel);
    return;
  }
  const valid = Number.isInteger(classLabel) && classLabel! >= 0 && classLabel! < classes;
  checkRange(valid, owner, 'classLabel', `an integer from 0 to ${classes - 1}`, classLabel);
}

/** A network of `convertCheckpoint`, run by its program. */
async function ownNetwork(
  model: StoredModel,
  metadata: ModelMetadata,
  { classLabel, memoryBudget, precision }: LoadDenoiserOptions,
): Promise<Network> {
  const { checkModelMetadata } = await import('./check-metadata');
  checkModelMetadata(model.name, metadata);
  const { inChannels, multipleOf, classes } = metadata;
  checkClassLabel(classLabel, classes);
  const inputs: ProgramOptions['inputs'] = {
    x: 'image',
    t: 'time',
    ...(classes > 0 ? { label: 'label' } : {}),
  };
  const { programOf } = await import('./program-of');
  const run = programOf(model, { owner, inputs, output: 'image', memoryBudget, precision });
  return programNetwork(run, {
    inChannels,
    multipleOf,
    ...(classes > 0 ? { classLabel: classLabel! } : {}),
  });
}
