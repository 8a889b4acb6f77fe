import type { io } from '@tensorflow/tfjs';
import { fileError } from '../../internal/file-error';
import type { ModelMetadata, ModelOrigin } from '../model-metadata';
import { type ConvertOptions, convertCheckpoint } from './convert-checkpoint';
import { type FileTree, findModelFiles, readJsonObject } from './model-files';

/** Options of `convertTree`. */
export interface ConvertTreeOptions extends Omit<ConvertOptions, 'scheduler' | 'name'> {
  /**
   * The checkpoint among the files, as a path.
   * @default that of the layout of diffusers, else the only one
   */
  file?: string;
}

/** What is known of a tree beside its files. */
export interface TreeOrigin {
  /** Where it was fetched from. */
  readonly origin: Omit<ModelOrigin, 'file'>;
  /** The licence as its author states it. */
  readonly license?: string | undefined;
}

/** Converts the model in a folder or on the hub; its origin goes into the metadata. */
export async function convertTree(
  tree: FileTree,
  options: ConvertTreeOptions = {},
  known?: TreeOrigin,
): Promise<io.ModelArtifacts> {
  const { file, config, preset, weights, ...rest } = options;
  const raw = weights === 'raw';
  const found = findModelFiles(tree, { raw, file });
  const isDescribed = config !== undefined || preset !== undefined;
  if (isDescribed && found.config !== undefined)
    throw fileError(tree, 'has its own config: leave out preset and config');
  const own = found.config === undefined ? config : await readJsonObject(tree, found.config);
  const scheduler =
    found.scheduler === undefined ? undefined : await readJsonObject(tree, found.scheduler);
  const isChosen = weights !== undefined && !found.averaged && !(raw && found.config);
  const artifacts = await convertCheckpoint(await tree.open(found.weights), {
    ...rest,
    ...(own && { config: own }),
    ...(preset && { preset }),
    ...(scheduler && { scheduler }),
    ...(isChosen && { weights }),
  });
  const added: Partial<ModelMetadata> = {
    ...(found.averaged && { weights: { key: found.averaged, averaged: true } }),
    ...(known && { origin: { ...known.origin, file: found.weights } }),
    ...(known?.license !== undefined && { license: known.license }),
  };
  const { spgd } = artifacts.userDefinedMetadata as { spgd: ModelMetadata };
  return { ...artifacts, userDefinedMetadata: { spgd: { ...spgd, ...added } } };
}
