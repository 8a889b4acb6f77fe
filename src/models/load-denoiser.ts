import type { io } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { checkInteger, checkRange } from '../internal/check';
import { checkPresets } from './check-presets';
import type { Denoiser } from './denoiser';
import { checkProgram } from './graph/check-program';
import { graphModelNetwork } from './graph/graph-model-network';
import { programNetwork } from './graph/program-network';
import type { ModelMetadata, PreconditioningName } from './model-metadata';
import type { Network } from './network';
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
   * Bytes of activations kept for the gradient; blocks of the network past it run a second time.
   * 0 keeps the least memory and costs about one forward pass in three.
   * @default 1.5 GiB
   */
  memoryBudget?: number;
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

const fromMetadata: Readonly<
  Record<PreconditioningName, (network: Network, metadata: ModelMetadata) => Denoiser>
> = {
  vp: (network, { preconditioning }) => vpDenoiser(network, preconditioning),
};

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
  const name = typeof source === 'string' ? source : owner;
  const handler = typeof source === 'string' ? findHandler(source, options.onProgress) : source;
  if (!handler.load) throw new TypeError(`${owner}: source cannot load`);
  const artifacts = await handler.load();
  const metadata = (artifacts.userDefinedMetadata?.spgd ?? null) as ModelMetadata | null;
  const { precondition } = options;
  if (!metadata && !precondition) {
    const model = typeof source === 'string' ? source : 'the model';
    throw new TypeError(
      `${owner}: precondition must be given: ${model} does not say how it was trained`,
    );
  }
  const network = metadata
    ? ownNetwork(artifacts, metadata, name, options)
    : await foreignNetwork(artifacts, name, options);
  try {
    const denoiser = precondition
      ? precondition(network)
      : chosen(metadata!, name)(network, metadata!);
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

function findHandler(url: string, onProgress?: (fraction: number) => void): io.IOHandler {
  const handlers = tf.io.getLoadHandlers(url, onProgress ? { onProgress } : undefined);
  if (handlers.length > 0) return handlers[0]!;
  const remedy = url.startsWith('file://')
    ? "await useBackend() of 'spgd/node' first"
    : `use https:// or file://${url.includes('://') ? '' : url}, or pass a tf.io handler`;
  throw new Error(`${owner}: nothing loads ${url}: ${remedy}`);
}

function chosen({ preconditioning }: ModelMetadata, name: string) {
  const known = Object.hasOwn(fromMetadata, preconditioning?.name);
  if (known) return fromMetadata[preconditioning.name];
  throw new Error(`${name}: unknown preconditioning ${String(preconditioning?.name)}`);
}

/** Any other graph model, run as TensorFlow.js runs it. */
async function foreignNetwork(
  artifacts: io.ModelArtifacts,
  name: string,
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
function ownNetwork(
  { weightSpecs = [], weightData }: io.ModelArtifacts,
  metadata: ModelMetadata,
  name: string,
  { classLabel, memoryBudget = 1.5 * 2 ** 30 }: LoadDenoiserOptions,
): Network {
  const { version, inChannels, multipleOf, classes } = metadata;
  checkRange(version === 1, name, 'metadata version', '1', version);
  checkInteger(name, 'metadata inChannels', inChannels, 1);
  checkInteger(name, 'metadata multipleOf', multipleOf, 1);
  checkRange(memoryBudget >= 0, owner, 'memoryBudget', 'a number of bytes >= 0', memoryBudget);
  checkInteger(name, 'metadata classes', classes, 0);
  checkClassLabel(classLabel, classes);
  const available = { weights: new Set(weightSpecs.map((spec) => spec.name)), label: classes > 0 };
  if (metadata.presets !== undefined) checkPresets(name, metadata.presets);
  const program = checkProgram(metadata.program, available, name);
  if (!weightData) throw new Error(`${name}: the model has no weights`);
  const weights = tf.io.decodeWeights(weightData as ArrayBuffer, weightSpecs);
  return programNetwork(program, weights, {
    inChannels,
    multipleOf,
    memoryBudget,
    ...(classes > 0 ? { classLabel: classLabel! } : {}),
  });
}
