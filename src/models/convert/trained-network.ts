import type { Architecture } from '../graph/program-builder';
import type { Preconditioning } from '../model-metadata';

/** A network from a config, and what its user must know of it. */
export interface TrainedNetwork {
  /** The family of networks. */
  readonly architecture: string;
  readonly network: Architecture;
  /** The config that goes into the metadata. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Height and width of the plain graph, where nothing else is asked for. */
  readonly size: readonly [number, number];
  /** Height and width of the training images, in pixels, where config or weights tell them. */
  readonly trainingSize?: readonly [number, number];
  readonly inChannels: number;
  readonly outChannels: number;
  readonly multipleOf: number;
  /** 0 without class conditioning. */
  readonly classes: number;
  readonly preconditioning: Preconditioning;
}
