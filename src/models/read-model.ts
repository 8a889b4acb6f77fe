import type { io } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import type { ProgramMetadata } from './model-metadata';

/** A model as it is stored, with its metadata. */
export interface StoredModel {
  /** Its name in errors. */
  readonly name: string;
  readonly artifacts: io.ModelArtifacts;
  /** Null for a model that this library did not write. */
  readonly metadata: ProgramMetadata | null;
}

/** Reads a model from the address of its `model.json` or from a handler. */
export async function readModel(
  owner: string,
  source: string | io.IOHandler,
  onProgress?: (fraction: number) => void,
): Promise<StoredModel> {
  const name = typeof source === 'string' ? source : handlerName(source, owner);
  const handler =
    typeof source === 'string' ? await findHandler(owner, source, onProgress) : source;
  if (!handler.load) throw new TypeError(`${owner}: source cannot load`);
  const artifacts = await handler.load();
  const metadata = (artifacts.userDefinedMetadata?.spgd ?? null) as ProgramMetadata | null;
  if (metadata) (await import('./check-metadata')).checkProgramMetadata(name, metadata);
  return { name, artifacts, metadata };
}

/** What errors call a handler: its own name, where it has one, as a `fileHandler` does. */
function handlerName(handler: io.IOHandler & { readonly name?: unknown }, owner: string): string {
  return typeof handler.name === 'string' ? handler.name : owner;
}

async function findHandler(
  owner: string,
  url: string,
  onProgress?: (fraction: number) => void,
): Promise<io.IOHandler> {
  const handlers = tf.io.getLoadHandlers(url, onProgress ? { onProgress } : undefined);
  if (handlers.length > 0) return handlers[0]!;
  if (url.startsWith('hf:'))
    return (await import('spgd/convert')).hubHandler(url, onProgress ? { onProgress } : {});
  const remedy = url.startsWith('file://')
    ? "await useBackend() of 'spgd/node' first"
    : `use https:// or file://${url.includes('://') ? '' : url}, or pass a tf.io handler`;
  throw new Error(`${owner}: nothing loads ${url}: ${remedy}`);
}

/** Rejects a model of another family, naming the command that makes the right one. */
export function checkArchitecture(
  { name, metadata }: StoredModel,
  architecture: string,
  remedy: string,
): void {
  const found = metadata?.architecture;
  if (found === architecture) return;
  const what = typeof found === 'string' ? `a model of the family ${found}` : 'no model of spgd';
  throw new TypeError(`${name}: is ${what}, not ${architecture}: ${remedy}`);
}
