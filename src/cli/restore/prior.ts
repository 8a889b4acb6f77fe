import { availableParallelism } from 'node:os';
import {
  grayscaleDenoiser,
  type LoadedDenoiser,
  loadDenoiser,
  type TiledDenoiserOptions,
} from 'spgd';
import { type BackendName, type Pixels, workerDenoiser } from 'spgd/node';
import { modelSource, modelUrl } from '../model-source';
import { priorNamed } from '../shared-options';
import { coloursOf, isGray } from './photo-pixels';
import { type RestoreOptions, usageError } from './restore-options';

/** The prior, in this thread or in others, and how its tiles are laid. */
export interface Prior extends Required<Pick<TiledDenoiserOptions, 'size' | 'overlap' | 'batch'>> {
  readonly denoiser: LoadedDenoiser;
  /** Channels of the images that it takes. */
  readonly channels: number;
  readonly workers: number;
  /** Tiles that go through the network at once, in each thread. */
  readonly groupSize: number;
}

/** Pixels that go through the network at once, in each thread, where nothing else is said. */
const pixelsAtOnce = 4 * 64 ** 2;

/** Loads the model; on WebAssembly, whose backend has one thread, in a thread for each core. */
export async function startPrior(
  { workers: asked, tile, batch, ...rest }: RestoreOptions,
  backend: BackendName,
  task: string,
): Promise<Prior> {
  const model = priorNamed(rest, task);
  const workers = asked ?? (backend === 'wasm' ? availableParallelism() : 1);
  const own = await loadDenoiser(modelSource(model));
  const size = tile ?? own.imageShape?.[0] ?? own.metadata?.size[0] ?? 256;
  const groupSize = batch ?? Math.max(1, Math.floor(pixelsAtOnce / size ** 2));
  const overlap = Math.floor(size / 8);
  const channels = own.imageShape?.[2] ?? 3;
  const common = { channels, workers, size, overlap, groupSize };
  if (workers === 1) return { ...common, denoiser: own, batch: groupSize };
  own.dispose();
  const options = { workers, batch: groupSize, backend };
  const denoiser = await workerDenoiser(modelUrl(model), options);
  return { ...common, denoiser, batch: Infinity };
}

/** The prior as a photo needs it: of one channel for a gray photo, whatever the channels of its file. */
export function priorFor(photo: Pixels, prior: Prior): Prior {
  const { denoiser, channels } = prior;
  if (channels !== 3 || !isGray(photo)) return prior;
  const gray = { ...denoiser, ...grayscaleDenoiser(denoiser) };
  return { ...prior, denoiser: { ...gray, dispose: denoiser.dispose }, channels: 1 };
}

/** Rejects a photo in colour where the model takes gray ones; a gray photo is for both. */
export function checkChannels(path: string, photo: Pixels, { channels }: Prior): void {
  if (channels < coloursOf(photo))
    throw usageError(
      `${path} has colours and the model takes ${channels} channel: add --grayscale`,
    );
}
