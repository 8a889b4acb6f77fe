import type { io } from '@tensorflow/tfjs';
import { checkRange } from '../../internal/check';
import { emitGraph, type GraphInputs } from '../graph/emit-graph';
import type { WeightData } from '../graph/graph-builder';
import type { Architecture } from '../graph/program-builder';
import type { ProgramMetadata } from '../model-metadata';
import { checkDtype, encodeWeights } from './encode-weights';

/** A network with its weights, to be written. */
export interface ModelParts<M extends ProgramMetadata> {
  /** The function that errors name. */
  readonly owner: string;
  readonly network: Architecture;
  readonly weights: readonly WeightData[];
  /** The inputs of the plain graph. */
  readonly inputs: GraphInputs;
  readonly dtype: ProgramMetadata['dtype'];
  /** The metadata that do not follow from the rest. */
  readonly metadata: Omit<M, 'version' | 'dtype' | 'parameterCount' | 'program'>;
}

/** Height and width of the plain graph. */
export function checkGraphSize(
  owner: string,
  size: readonly [number, number],
  valid: (side: number) => boolean,
  rule: string,
): void {
  const sides = size.length === 2 && size.every((side) => Number.isInteger(side) && valid(side));
  checkRange(sides, owner, 'size', `height and width ${rule}`, size);
}

/** A network as a TensorFlow.js graph model, with its program in the metadata. */
export function modelArtifacts<M extends ProgramMetadata>(parts: ModelParts<M>): io.ModelArtifacts {
  const { owner, network, weights, inputs, dtype, metadata } = parts;
  checkDtype(owner, dtype);
  const { topology, signature, constants } = emitGraph(network.program, inputs);
  const parameterCount = weights.reduce((sum, { data }) => sum + data.length, 0);
  const { program } = network;
  return {
    format: 'graph-model',
    generatedBy: 'spgd',
    convertedBy: null,
    modelTopology: topology,
    signature,
    userDefinedMetadata: { spgd: { version: 1, ...metadata, dtype, parameterCount, program } },
    ...encodeWeights(owner, constants, weights, dtype),
  };
}
