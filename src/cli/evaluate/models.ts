import { createHash } from 'node:crypto';
import * as tf from '@tensorflow/tfjs';
import {
  type BlurNetwork,
  type LoadedDenoiser,
  type Lpips,
  loadBlurNetwork,
  loadDenoiser,
  loadLpips,
} from 'spgd';
import { modelSource } from '../model-source';

/** The models of an evaluation, and the SHA-256 of each by its option. */
export interface Models {
  readonly denoiser: LoadedDenoiser;
  readonly blur?: BlurNetwork;
  readonly lpips?: Lpips;
  readonly digests: Readonly<Record<string, string>>;
}

/** Which models: as given, or as chosen. */
interface ModelPlaces {
  readonly model?: string | undefined;
  readonly blurModel?: string | undefined;
  readonly lpips?: string | undefined;
  readonly replacePooling: boolean;
}

/** Reads a model once, to load it from memory, and the SHA-256 of all that it consists of. */
async function readDigested(text?: string) {
  const source = modelSource(text);
  const handler = typeof source === 'string' ? tf.io.getLoadHandlers(source)[0] : source;
  if (!handler?.load) throw new TypeError(`evaluate: nothing loads the model ${text}`);
  const artifacts = await handler.load();
  const hash = createHash('sha256');
  hash.update(JSON.stringify([artifacts.modelTopology, artifacts.userDefinedMetadata]));
  for (const part of [artifacts.weightData ?? []].flat()) hash.update(new Uint8Array(part));
  return { handler: { load: async () => artifacts }, digest: hash.digest('hex') };
}

/** Loads the prior, and the other models that are named. */
export async function loadModels(places: ModelPlaces): Promise<Models> {
  const { model, blurModel, lpips, replacePooling } = places;
  const prior = await readDigested(model);
  const blur = blurModel === undefined ? undefined : await readDigested(blurModel);
  const rating = lpips === undefined ? undefined : await readDigested(lpips);
  return {
    denoiser: await loadDenoiser(prior.handler),
    ...(blur && { blur: await loadBlurNetwork(blur.handler) }),
    ...(rating && { lpips: await loadLpips(rating.handler, { replacePooling }) }),
    digests: {
      model: prior.digest,
      ...(blur && { blurModel: blur.digest }),
      ...(rating && { lpips: rating.digest }),
    },
  };
}

/** Frees what `loadModels` loaded. */
export function disposeModels({ denoiser, blur, lpips }: Models): void {
  denoiser.dispose();
  blur?.dispose?.();
  lpips?.dispose();
}
