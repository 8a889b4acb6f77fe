import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { loadDenoiser } from 'spgd';
import { type HubCache, type HubOptions, hubHandler, memoryCache } from 'spgd/convert';
import { diskCache } from 'spgd/node';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { useTestBackend } from '../../support/backend';
import { tinyHubModel } from '../../support/hub-model';
import { commit, useHubServer } from '../../support/hub-server';

const hub = useHubServer();
const model = tinyHubModel();
const weights = 'diffusion_pytorch_model.safetensors';
const name = 'hf:someone/tiny';
const piece = 8 * 2 ** 20;

let cache: HubCache;

beforeEach(() => {
  cache = memoryCache();
  hub.models.set('someone/tiny', model);
});
afterEach(() => vi.unstubAllEnvs());

const load = async (options: HubOptions = {}, which = name) =>
  hubHandler(which, { endpoint: hub.endpoint, cache, ...options }).load();

/** The message that loading ends with, with the ports of this run taken out. */
const refusal = (options: HubOptions = {}, which = name) =>
  load(options, which).then(
    () => 'nothing was refused',
    (error: Error) => `${error.name}: ${error.message}`.replace(/127\.0\.0\.1:\d+/g, '<host>'),
  );

const metadataOf = ({ userDefinedMetadata }: tf.io.ModelArtifacts) =>
  (userDefinedMetadata as { spgd: Record<string, unknown> }).spgd;

/** Requests for files, without those for listings. */
const fileRequests = (at: 'hub' | 'store') =>
  hub.requests.filter((one) => one.at === at && !one.path.startsWith('/api/'));

describe('a model of the hub', () => {
  useTestBackend('cpu');

  it('becomes a denoiser that says where it came from', async () => {
    const fractions: number[] = [];
    const onProgress = (fraction: number) => fractions.push(fraction);
    const handler = hubHandler(name, { endpoint: hub.endpoint, cache, onProgress });
    const denoiser = await loadDenoiser(handler);
    expect(denoiser.metadata).toMatchObject({
      architecture: 'diffusers',
      trainingSize: [16, 16],
      license: 'apache-2.0',
      origin: { name: 'someone/tiny', revision: commit, file: weights },
      preconditioning: { name: 'ddpm' },
    });
    expect(denoiser.denoise(tf.zeros([1, 4, 6, 3]), 0.5).shape).toEqual([1, 4, 6, 3]);
    expect(fractions.at(-1)).toBe(1);
    expect(fractions.every((one, i) => one > 0 && one >= (fractions[i - 1] ?? 0))).toBe(true);
    denoiser.dispose();
  });

  it('is read at the commit that the revision names, of which nothing is asked for twice', async () => {
    await load({}, `${name}@v1`);
    const pinned = fileRequests('hub').map(({ path }) => path);
    expect(pinned.length).toBe(3);
    expect(pinned.every((path) => path.startsWith(`/someone/tiny/resolve/${commit}/`))).toBe(true);
    hub.requests.length = 0;
    await load({}, `${name}@v1`);
    expect(hub.requests.map(({ path }) => path)).toEqual([
      '/api/models/someone/tiny/revision/v1?blobs=true',
    ]);
    hub.requests.length = 0;
    await load({}, `${name}@${commit}`);
    expect(hub.requests).toEqual([]);
  });

  it('comes from the cache alone when offline', async () => {
    expect(await refusal({ offline: true })).toMatchInlineSnapshot(
      `"InputError: hf:someone/tiny: is not in the cache, and the hub is not asked (offline)"`,
    );
    await load();
    hub.requests.length = 0;
    const artifacts = await load({ offline: true });
    expect(metadataOf(artifacts).origin).toMatchObject({ revision: commit });
    expect(hub.requests).toEqual([]);
    const lacking: HubCache = {
      ...cache,
      size: async (key) => (key.includes(weights) ? undefined : cache.size(key)),
    };
    expect(await refusal({ offline: true, cache: lacking })).toMatchInlineSnapshot(
      `"InputError: hf:someone/tiny/diffusion_pytorch_model.safetensors: is not whole in the cache, and the hub is not asked (offline)"`,
    );
  });

  it('is refused in one line that says what to do', async () => {
    const answers = [
      await refusal({}, 'hf:someone/other'),
      await refusal({}, `${name}@v9`),
      await refusal({ file: 'none.pth' }),
      await refusal({ maxBytes: 1000 }),
      await refusal({ preset: 'ffhq256' }),
      await refusal({ endpoint: 'ftp://example.org' }),
      await refusal({ endpoint: 'http://127.0.0.1:9' }),
    ];
    hub.behaviour = { token: 'secret' };
    answers.push(await refusal());
    hub.behaviour = { listing: () => ({ sha: '../../..', siblings: [] }) };
    answers.push(await refusal());
    hub.behaviour = { listing: () => 'x'.repeat(5 * 2 ** 20) };
    answers.push(await refusal());
    hub.behaviour = { listing: ({ sha }) => ({ sha, siblings: [{ rfilename: 'a.pt' }] }) };
    answers.push(await refusal());
    hub.behaviour = {
      listing: ({ sha }) => ({ sha, siblings: [{ rfilename: '../a.pt', size: 9 }] }),
    };
    answers.push(await refusal());
    hub.behaviour = {
      listing: ({ sha }) => ({
        sha,
        siblings: ['a', 'b'].map((x) => ({ rfilename: `${x}.pt`, size: 9 })),
      }),
    };
    answers.push(await refusal());
    hub.behaviour = { redirect: 'file:///etc/passwd' };
    answers.push(await refusal());
    expect(answers.join('\n')).toMatchInlineSnapshot(`
      "InputError: hf:someone/other: is not on the hub (404): check the name, the revision and the file
      InputError: hf:someone/tiny@v9: is not on the hub (404): check the name, the revision and the file
      InputError: hf:someone/tiny: holds no file none.pth
      InputError: hf:someone/tiny/diffusion_pytorch_model.safetensors: must have at most 1000 bytes (maxBytes), got 195164
      InputError: hf:someone/tiny: has its own config: leave out preset and config
      RangeError: hubHandler: endpoint must be an address of https:// or http://, got ftp://example.org
      NetworkError: hf:someone/tiny: cannot reach <host>
      InputError: hf:someone/tiny: is private, gated or does not exist (401): accept its terms on the hub and set a token
      InputError: hf:someone/tiny: the hub answers with no listing of a model
      InputError: hf:someone/tiny: its listing must have at most 4194304 bytes
      InputError: hf:someone/tiny/a.pt: has no size in the listing of the hub
      InputError: hf:someone/tiny: must hold config.json and diffusion_pytorch_model.safetensors or .bin, at its root or in unet/, or one checkpoint
      InputError: hf:someone/tiny: holds several checkpoints: name one by file: a.pt, b.pt
      InputError: hf:someone/tiny: is redirected from <host> to an address that is not followed"
    `);
  });

  it.each([
    'hf:tiny',
    'hf:a/b/c',
    'hf:../b',
    'hf:a/..',
    'hf:a/b@..',
    'hf:a/b@c/d',
    'hf:a\\b/c',
    'hf:a/b?c',
    'hf:a/%2e%2e',
  ])('rejects the name %s before anything is asked for', async (wrong) => {
    expect(() => hubHandler(wrong)).toThrow(
      `${wrong}: must be hf:owner/name or hf:owner/name@revision, of letters, digits, _, . and -`,
    );
    expect(hub.requests).toEqual([]);
  });

  it('is fetched with the token, which no other host sees', async () => {
    hub.behaviour = { token: 'secret' };
    await load({ token: 'secret' });
    const tokens = (at: 'hub' | 'store') =>
      new Set(hub.requests.filter((one) => one.at === at).map(({ token }) => token));
    expect(tokens('hub')).toEqual(new Set(['Bearer secret']));
    expect(fileRequests('store').length).toBe(3);
    expect(tokens('store')).toEqual(new Set([undefined]));
  });

  it('is not taken from a pointer of Git LFS or an answer of another size', async () => {
    const text = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 9\n`;
    hub.models.set('someone/tiny', { 'net.pt': model[weights] });
    hub.behaviour = { instead: new TextEncoder().encode(text) };
    const answers = [await refusal()];
    hub.models.set('someone/tiny', { 'net.pt': new TextEncoder().encode(text) });
    answers.push(await refusal());
    hub.models.set('someone/tiny', { 'net.pt': model[weights] });
    hub.behaviour = { instead: new Uint8Array(model[weights].length + 1) };
    answers.push(await refusal());
    expect(answers.join('\n')).toMatchInlineSnapshot(`
      "InputError: hf:someone/tiny/net.pt: the hub must give 195164 bytes from 0 on, got 126; perhaps a pointer of Git LFS, not the file
      InputError: hf:someone/tiny/net.pt: is a pointer of Git LFS, not the file itself
      InputError: hf:someone/tiny/net.pt: the hub must give 195164 bytes from 0 on, got 195165"
    `);
  });
});

describe('a download that breaks off', () => {
  const large = Uint8Array.from({ length: 2.5 * piece }, (_, i) => (i * 7 + (i >> 13)) & 0xff);
  /** Loads a file that is no checkpoint: the error tells that all of it arrived. */
  const whole = /is neither a PyTorch nor a safetensors file/;
  beforeEach(() => hub.models.set('someone/tiny', { 'net.pt': large }));
  const ranges = () => fileRequests('store').map(({ range }) => range);
  const stored = async (keys: readonly number[]) => {
    const host = new URL(hub.endpoint).host.replace(':', '_');
    const parts = keys.map((key) =>
      cache.read(`${host}/someone/tiny/${commit}/net.pt/${key}`, 0, piece),
    );
    return Buffer.concat(await Promise.all(parts));
  };

  it('goes on after the last whole piece', async () => {
    hub.behaviour = { cuts: [1.5 * piece] };
    expect(await refusal()).toMatch(whole);
    expect(ranges()).toEqual([undefined, `bytes=${piece}-`]);
    expect((await stored([0, 1, 2])).equals(Buffer.from(large))).toBe(true);
  });

  it('goes on in the next run, where the server does not come back', async () => {
    hub.behaviour = { cuts: [1.5 * piece, 0, 0, 0, 0, 0] };
    expect(await refusal()).toBe(
      `NetworkError: ${name}/net.pt: the connection broke off; run it again to go on from there`,
    );
    hub.requests.length = 0;
    hub.behaviour = {};
    expect(await refusal()).toMatch(whole);
    expect(ranges()).toEqual([`bytes=${piece}-`]);
    expect((await stored([0, 1, 2])).equals(Buffer.from(large))).toBe(true);
  });

  it('goes on with a server that knows no ranges', async () => {
    hub.behaviour = { cuts: [1.2 * piece], wholeOnly: true };
    expect(await refusal()).toMatch(whole);
    expect((await stored([0, 1, 2])).equals(Buffer.from(large))).toBe(true);
  });

  it('ends where the hub keeps failing, and at once where it is aborted', async () => {
    hub.behaviour = { storeStatus: 503 };
    expect(await refusal()).toBe(
      `NetworkError: ${name}: the hub fails (503); run it again to go on from there`,
    );
    expect(fileRequests('store').length).toBe(5);
    const controller = new AbortController();
    const ended = refusal({ signal: controller.signal });
    setTimeout(() => controller.abort(), 150);
    expect(await ended).toMatch(/^AbortError: /);
  });
});

describe('the cache on disk', () => {
  useTestBackend('cpu');

  it('keeps pieces under host, owner, name and commit, and rejects other keys', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'spgd-hub-'));
    await load({ cache: diskCache(folder) });
    const host = new URL(hub.endpoint).host.replace(':', '_');
    expect(await readdir(folder)).toEqual([host]);
    const place = join(folder, host, 'someone', 'tiny');
    expect((await readdir(place)).sort()).toEqual([commit, 'revisions']);
    expect(await readdir(join(place, commit, weights))).toEqual(['0']);
    hub.requests.length = 0;
    await load({ cache: diskCache(folder), offline: true });
    expect(hub.requests).toEqual([]);
    expect(() => diskCache(folder).size('../a')).toThrow(
      'diskCache: the key ../a must be a path of plain names',
    );
  });
});
