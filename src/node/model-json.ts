import type { io } from '@tensorflow/tfjs';
import { jsonDepth } from '../internal/json-depth';
import { plainText } from '../internal/plain-text';
import { inputError } from './input-error';

/** A group of the weights manifest: files, and the weights that lie in them one after another. */
export type WeightGroup = io.WeightsManifestConfig[number];

const bytesOf: Record<string, number> = {
  float32: 4,
  int32: 4,
  complex64: 8,
  bool: 1,
  uint8: 1,
  uint16: 2,
  float16: 2,
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const deepest = 64;

/** The bytes that one weight takes on disk; NaN for a dtype without a fixed size. */
function weightBytes(weight: io.WeightsManifestEntry): number {
  const dtype = weight.quantization?.dtype ?? weight.dtype;
  return weight.shape.reduce((product, size) => product * size, bytesOf[dtype] ?? NaN);
}

/** The bytes that all weights of the group take. */
export const groupBytes = ({ weights }: WeightGroup): number =>
  weights.reduce((sum, weight) => sum + weightBytes(weight), 0);

// The manifest does not give the size of strings, and no network of images needs them.
const known = (type: unknown) => typeof type === 'string' && Object.hasOwn(bytesOf, type);

/** How stored numbers are read: float16 as they are, integers as `scale * integer + min`. */
function isQuantization(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { dtype, scale, min } = value;
  return dtype === 'float16' || (known(dtype) && Number.isFinite(scale) && Number.isFinite(min));
}

function isWeight(value: unknown): value is io.WeightsManifestEntry {
  if (!isRecord(value)) return false;
  const { name, shape, dtype, quantization } = value;
  const isSize = (size: unknown) => Number.isSafeInteger(size) && (size as number) >= 0;
  return (
    typeof name === 'string' &&
    Array.isArray(shape) &&
    shape.every(isSize) &&
    known(dtype) &&
    (quantization === undefined || isQuantization(quantization))
  );
}

const isGroup = (value: unknown): value is WeightGroup =>
  isRecord(value) &&
  Array.isArray(value.paths) &&
  value.paths.every((path) => typeof path === 'string') &&
  Array.isArray(value.weights);

/** Reads the text of a `model.json`; an error names the file and what is wrong in it. */
export function parseModelJson(text: string, path: string): io.ModelJSON {
  const refuse = (why: string, cause?: unknown) =>
    inputError(`loadModel: ${path} ${plainText(why, 200)}`, cause);
  if (jsonDepth(text) > deepest) throw refuse(`must be at most ${deepest} levels deep`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw refuse('is not JSON', error);
  }
  if (!isRecord(json) || !isRecord(json.modelTopology))
    throw refuse('is not the model.json of a TensorFlow.js model: it has no modelTopology');
  const manifest = json.weightsManifest;
  if (!Array.isArray(manifest) || !manifest.every(isGroup))
    throw refuse('has no weightsManifest of { paths, weights }');
  for (const { weights } of manifest)
    for (const weight of weights)
      if (!isWeight(weight))
        throw refuse(`has a weight without a valid name, shape and dtype: ${show(weight)}`);
  return json as unknown as io.ModelJSON;
}

const show = (value: unknown): string => JSON.stringify(value).slice(0, 120);
