import type { io } from '@tensorflow/tfjs';
import { checkRange } from '../../internal/check';
import { fileError } from '../../internal/file-error';
import { type ConvertTreeOptions, convertTree } from '../convert/convert-tree';
import type { FileTree } from '../convert/model-files';
import { type HubCache, pageCache } from './hub-cache';
import { fetchHubFile } from './hub-file';
import { type HubListing, listHubModel, modelKey } from './hub-listing';
import { type HubName, isPlainSegment, parseHubName } from './hub-name';
import { checkEndpoint, type HubAccess } from './hub-request';

/** Options of `hubHandler`; `hubSettings()` of `spgd/node` reads the first four from the environment. */
export interface HubOptions extends ConvertTreeOptions {
  /**
   * The address of the hub, or of a mirror with the same paths.
   * @default 'https://huggingface.co'
   */
  endpoint?: string;
  /** A token for private and gated models. It is sent to the endpoint, and to no other host. */
  token?: string;
  /**
   * Whether to take everything from the cache, and ask the hub for nothing.
   * @default false
   */
  offline?: boolean;
  /**
   * Where files are kept.
   * @default the storage of the browser; memory where there is none
   */
  cache?: HubCache;
  /**
   * Largest size of a checkpoint, in bytes.
   * @default 4 GiB
   */
  maxBytes?: number;
  /** Called during the download with its fraction, from 0 to 1. */
  onProgress?: (fraction: number) => void;
  /** Ends the download. */
  signal?: AbortSignal;
}

const owner = 'hubHandler';
const usualEndpoint = 'https://huggingface.co';

/** How the files of a model are fetched. */
interface TreeOptions extends Pick<HubOptions, 'onProgress'> {
  readonly cache: HubCache;
  readonly offline: boolean;
  readonly maxBytes: number;
}

/** The files of a commit as a tree; only paths of plain names are in it. */
function hubTree(
  access: HubAccess,
  hub: HubName,
  { commit, files }: HubListing,
  { cache, offline, maxBytes, onProgress }: TreeOptions,
): FileTree {
  const plain = [...files.keys()].filter((path) => path.split('/').every(isPlainSegment));
  const open: FileTree['open'] = (path) => {
    const file = { name: `${hub.name}/${path}`, size: files.get(path) ?? 0 };
    if (files.get(path) === undefined)
      throw fileError(file, 'has no size in the listing of the hub');
    if (file.size > maxBytes)
      throw fileError(file, `must have at most ${maxBytes} bytes (maxBytes), got ${file.size}`);
    const place = {
      path: `/${hub.owner}/${hub.model}/resolve/${commit}/${path}`,
      key: `${modelKey(access, hub)}/${commit}/${path}`,
    };
    const isConfig = path.endsWith('.json');
    const onBytes = (done: number) => !isConfig && onProgress?.(done / file.size);
    return fetchHubFile(access, { ...file, ...place }, { cache, offline, onBytes });
  };
  return { name: hub.name, paths: new Set(plain), open: async (path) => open(path) };
}

/**
 * A model of the Hugging Face hub by its name, `hf:owner/name` or `hf:owner/name@revision`: `load`
 * fetches its checkpoint and config and converts them. `loadDenoiser` takes the handler, or the name
 * alone.
 *
 * A download that breaks off goes on where it ended, in the next run too. Files are kept by commit; the
 * metadata of the model name it. Answers of the hub are data: sizes are bounded, and nothing runs.
 *
 * @throws InputError naming the model, for what the hub refuses or what cannot be converted.
 */
export function hubHandler(
  name: string,
  options: HubOptions = {},
): io.IOHandler & {
  /** The name of the model: what errors call it. */
  readonly name: string;
  /** Fetches and converts the model. */
  load(): Promise<io.ModelArtifacts>;
} {
  const { endpoint, token, offline = false, cache, maxBytes = 2 ** 32, ...rest } = options;
  const { onProgress, signal, ...conversion } = rest;
  const hub = parseHubName(name);
  checkRange(maxBytes > 0, owner, 'maxBytes', 'a number of bytes > 0', maxBytes);
  const access = { name, endpoint: checkEndpoint(endpoint ?? usualEndpoint), token, signal };
  return {
    name,
    async load() {
      const store = cache ?? (await pageCache());
      const listing = await listHubModel(access, hub, { cache: store, offline });
      const fetching = { cache: store, offline, maxBytes, ...(onProgress && { onProgress }) };
      const tree = hubTree(access, hub, listing, fetching);
      const { commit, license } = listing;
      const origin = { name: `${hub.owner}/${hub.model}`, revision: commit };
      return convertTree(tree, conversion, { origin, license });
    },
  };
}
