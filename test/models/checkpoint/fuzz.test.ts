import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseModelJson } from '../../../src/node/model-json';
import { fixture, refusal } from './build';

const folder = new URL('../../fixtures/checkpoint/', import.meta.url);
const files = readdirSync(folder).filter((name) => /\.(pt|safetensors)$/.test(name));

/** Integers from 0 to n - 1, the same for the same seed. */
function draws(seed: number) {
  let state = seed;
  return (n: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}

type Draw = ReturnType<typeof draws>;

const edges = [0x00, 0x01, 0x28, 0x2e, 0x5b, 0x7b, 0x7f, 0x80, 0xff];

/** What is done to a file: each keeps most of it, so that readers get far. */
const mutations: readonly ((bytes: Uint8Array, draw: Draw) => Uint8Array)[] = [
  (bytes, draw) => {
    for (let i = draw(6); i >= 0; i--) bytes[draw(bytes.length)]! ^= 1 << draw(8);
    return bytes;
  },
  (bytes, draw) => bytes.fill(edges[draw(edges.length)]!, draw(bytes.length)).slice(0, -draw(99)),
  (bytes, draw) => {
    const at = draw(bytes.length);
    return bytes.fill(edges[draw(edges.length)]!, at, at + 1 + draw(8));
  },
  (bytes, draw) => {
    const [from, to] = [draw(bytes.length), draw(bytes.length)];
    return bytes.copyWithin(to, from, from + 1 + draw(64));
  },
  (bytes, draw) => {
    const at = draw(bytes.length);
    const repeated = bytes.subarray(at, at + 1 + draw(32));
    const times = 1 + draw(40);
    const middle = Array.from({ length: times }, () => [...repeated]).flat();
    return Uint8Array.from([...bytes.subarray(0, at), ...middle, ...bytes.subarray(at)]);
  },
  (bytes, draw) => bytes.slice(0, draw(bytes.length)),
];

/** One line that names the file, or no refusal. */
const isPlain = /^(model\.(pt|json)|loadModel: model\.json)[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]{3,298}$/u;

function mutated(original: Uint8Array, draw: Draw): Uint8Array {
  let bytes: Uint8Array = original.slice();
  for (let i = draw(3); i >= 0; i--) {
    if (bytes.length > 0) bytes = mutations[draw(mutations.length)]!(bytes, draw);
  }
  return bytes;
}

describe('readers of mutated files end soon, and say in one line what is wrong', () => {
  it.each(files)('%s', async (file) => {
    const original = fixture(file);
    const draw = draws(20_251_128);
    const started = performance.now();
    let refused = 0;
    let slowest = 0;
    while (refused < 400 && performance.now() - started < 2000) {
      const bytes = mutated(original, draw);
      const before = performance.now();
      const message = await refusal(bytes).catch((error: Error) => error.message);
      slowest = Math.max(slowest, performance.now() - before);
      if (message === 'the file was read') continue;
      refused++;
      expect(message).toMatch(isPlain);
      expect(message.length).toBeLessThanOrEqual(300);
    }
    expect(refused).toBeGreaterThan(20);
    expect(slowest).toBeLessThan(2000);
  });

  it('model.json', () => {
    const weights = [{ name: 'w', shape: [3, 2], dtype: 'float32' }];
    const manifest = [{ paths: ['w.bin'], weights }];
    const text = JSON.stringify({ modelTopology: { node: [] }, weightsManifest: manifest });
    const draw = draws(7);
    let refused = 0;
    for (let i = 0; i < 3000; i++) {
      const bytes = mutated(new TextEncoder().encode(text), draw);
      try {
        parseModelJson(new TextDecoder().decode(bytes), 'model.json');
      } catch (error) {
        refused++;
        expect((error as Error).message).toMatch(isPlain);
      }
    }
    expect(refused).toBeGreaterThan(1000);
  });
});
