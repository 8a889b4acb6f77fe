import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { HubOptions } from '../models/hub/hub-handler';
import { diskCache } from './disk-cache';

/** What the environment says of the hub. */
export type HubSettings = Pick<HubOptions, 'endpoint' | 'token' | 'offline' | 'cache'>;

const isSet = (value: string | undefined): value is string => value !== undefined && value !== '';
const isTrue = (value: string | undefined): boolean => /^(1|on|yes|true)$/i.test(value ?? '');

/** The folder for files that can be fetched again. */
function cacheFolder({ SPGD_HUB_CACHE, XDG_CACHE_HOME, LOCALAPPDATA }: NodeJS.ProcessEnv): string {
  if (isSet(SPGD_HUB_CACHE)) return resolve(SPGD_HUB_CACHE);
  const place = [XDG_CACHE_HOME, LOCALAPPDATA].find(isSet) ?? join(homedir(), '.cache');
  return resolve(place, 'spgd', 'hub');
}

/**
 * How `hubHandler` reaches the hub, from the environment: `HF_ENDPOINT`, `HF_TOKEN`, `HF_HUB_OFFLINE`,
 * and `SPGD_HUB_CACHE` for the folder of the cache (`~/.cache/spgd/hub`). `loadDenoiser` uses it for
 * `hf:owner/name` after `useBackend`.
 */
export function hubSettings(): HubSettings {
  const { HF_ENDPOINT, HF_TOKEN, HF_HUB_OFFLINE } = process.env;
  return {
    ...(isSet(HF_ENDPOINT) && { endpoint: HF_ENDPOINT }),
    ...(isSet(HF_TOKEN) && { token: HF_TOKEN }),
    offline: isTrue(HF_HUB_OFFLINE),
    cache: diskCache(cacheFolder(process.env)),
  };
}
