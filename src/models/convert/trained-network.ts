import type { Architecture } from '../graph/program-builder';
import type { ModelMetadata } from '../model-metadata';

/** A network from a config, and what its user must know of it: the metadata that follows from it. */
export interface TrainedNetwork
  extends Pick<
    ModelMetadata,
    | 'architecture'
    | 'config'
    | 'size'
    | 'trainingSize'
    | 'inChannels'
    | 'outChannels'
    | 'multipleOf'
    | 'classes'
    | 'mirrored'
    | 'preconditioning'
  > {
  readonly network: Architecture;
}
