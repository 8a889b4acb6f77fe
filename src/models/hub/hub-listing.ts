import { fileError } from '../../internal/file-error';
import { jsonDepth } from '../../internal/json-depth';
import { plainText } from '../../internal/plain-text';
import type { HubCache } from './hub-cache';
import type { HubName } from './hub-name';
import { type HubAccess, requestFromHub } from './hub-request';

/** What the hub says of one revision of a model. */
export interface HubListing {
  /** The commit that the revision names. */
  readonly commit: string;
  /** Sizes of the files by their paths; undefined where the hub does not say. */
  readonly files: ReadonlyMap<string, number | undefined>;
  /** The licence as its author states it. */
  readonly license?: string;
}

const largest = 4 * 2 ** 20;
const mostFiles = 10_000;
const deepest = 32;
const longestLicense = 60;
const commitForm = /^[0-9a-f]{40}$/;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isSize = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0;

/** The bytes of an answer, at most `largest` of them. */
async function readAll(access: HubAccess, response: Response): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  const reader = response.body!.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return new Uint8Array(await new Blob(parts).arrayBuffer());
    parts.push(value);
    length += value.length;
    if (length <= largest) continue;
    await reader.cancel();
    throw fileError(access, `its listing must have at most ${largest} bytes`);
  }
}

function licenseOf({ cardData, tags }: Record<string, unknown>): string | undefined {
  const stated = isRecord(cardData) ? cardData.license : undefined;
  const tag = Array.isArray(tags)
    ? tags.find((one) => typeof one === 'string' && one.startsWith('license:'))
    : undefined;
  const license = typeof stated === 'string' ? stated : tag?.slice('license:'.length);
  return license === undefined ? undefined : plainText(license, longestLicense);
}

/** Reads a listing, which is data from elsewhere. */
function parseListing(access: HubAccess, bytes: Uint8Array): HubListing {
  const text = new TextDecoder().decode(bytes);
  let json: unknown;
  try {
    json = jsonDepth(text) <= deepest ? JSON.parse(text) : undefined;
  } catch {
    json = undefined;
  }
  const { sha, siblings } = isRecord(json) ? json : {};
  const valid = typeof sha === 'string' && commitForm.test(sha) && Array.isArray(siblings);
  if (!valid) throw fileError(access, 'the hub answers with no listing of a model');
  if (siblings.length > mostFiles) throw fileError(access, `lists more than ${mostFiles} files`);
  const files = siblings.filter(isRecord).map(({ rfilename, size, lfs }) => {
    const large = isRecord(lfs) ? lfs.size : undefined;
    return [String(rfilename), [large, size].find(isSize)] as const;
  });
  const license = licenseOf(json as Record<string, unknown>);
  return { commit: sha, files: new Map(files), ...(license !== undefined && { license }) };
}

/** Where the cache keeps what belongs to a model, by the host of the hub. */
export const modelKey = ({ endpoint }: HubAccess, { owner, model }: HubName): string =>
  `${new URL(endpoint).host.replace(/[^\w.-]/g, '_')}/${owner}/${model}`;

/**
 * The files of a revision. A commit never changes: its listing is asked for once. That of a branch or
 * a tag is asked for each time, unless `offline`.
 */
export async function listHubModel(
  access: HubAccess,
  hub: HubName,
  { cache, offline }: { cache: HubCache; offline: boolean },
): Promise<HubListing> {
  const { owner, model, revision } = hub;
  const key = `${modelKey(access, hub)}/revisions/${revision}`;
  const size = await cache.size(key);
  if (size !== undefined && (offline || commitForm.test(revision)))
    return parseListing(access, await cache.read(key, 0, size));
  if (offline) throw fileError(access, 'is not in the cache, and the hub is not asked (offline)');
  const path = `/api/models/${owner}/${model}/revision/${revision}?blobs=true`;
  const bytes = await readAll(access, await requestFromHub(access, path));
  const listing = parseListing(access, bytes);
  await cache.write(key, bytes);
  if (listing.commit !== revision)
    await cache.write(`${modelKey(access, hub)}/revisions/${listing.commit}`, bytes);
  return listing;
}
