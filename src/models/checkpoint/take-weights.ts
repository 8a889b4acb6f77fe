import type { WeightData } from '../graph/graph-builder';
import type { WeightSpec } from '../graph/weight-spec';
import { takeWeight, type WeightSource } from './take-weight';

const list = (names: readonly string[]): string =>
  `${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`;

/** Names that only one side knows are the sign of a wrong file: all are told at once. */
function checkNames(
  { owner, checkpoint, file, otherwise }: WeightSource,
  specs: readonly WeightSpec[],
  spare: (name: string) => boolean,
): void {
  const wanted = new Set(specs.map(({ name }) => name));
  const missing = [...wanted].filter((name) => !checkpoint.tensors.has(name));
  const extra = [...checkpoint.tensors.keys()].filter((name) => !wanted.has(name) && !spare(name));
  if (missing.length + extra.length === 0) return;
  const parts = [
    ...(missing.length > 0 ? [`lacks ${list(missing)}`] : []),
    ...(extra.length > 0 ? [`has unknown ${list(extra)}`] : []),
  ];
  throw new RangeError(`${owner}: ${file} ${parts.join('; ')}: ${otherwise}`);
}

/**
 * Reads the weights of a network from a checkpoint in the layout of the graph. The checkpoint must
 * hold each of them, and nothing else but what is `spare`.
 *
 * @throws RangeError naming the file and the keys that are missing or left over.
 */
export async function takeWeights(
  source: WeightSource,
  specs: readonly WeightSpec[],
  spare: (name: string) => boolean = () => false,
): Promise<WeightData[]> {
  checkNames(source, specs, spare);
  const weights: WeightData[] = [];
  for (const spec of specs) {
    const data = await takeWeight(source, spec);
    weights.push({ name: spec.name, shape: spec.shape, dtype: 'float32', data });
  }
  return weights;
}
