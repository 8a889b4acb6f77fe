import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fixture, refusal } from './build';

describe('a file that is cut short', () => {
  it.each(['small.pt', 'small-legacy.pt', 'weights.safetensors', 'training-legacy.pt'])(
    'is an Error that names the file at every length of %s',
    async (file) => {
      const bytes = fixture(file);
      for (let length = 0; length < bytes.length; length++) {
        expect(await refusal(bytes.subarray(0, length)), `${length}`).toMatch(/^model\.pt: /);
      }
    },
  );
});

describe('a file with a wrong byte', () => {
  it.each(['small.pt', 'small-legacy.pt', 'weights.safetensors', 'training-legacy.pt'])(
    'is read or is an Error that names the file at every byte of %s',
    async (file) => {
      const bytes = fixture(file);
      for (let at = 0; at < bytes.length; at++) {
        for (const flip of [1, 0x80, 0xff]) {
          const wrong = bytes.slice();
          wrong[at] ^= flip;
          const message = await refusal(wrong).catch((error: Error) => error.message);
          expect(message, `${at}`).toMatch(/^(model\.pt: |the file was read$)/);
        }
      }
    },
  );
});

const pickle = new Uint8Array(
  readFileSync(new URL('../../fixtures/models/edm.pkl', import.meta.url)),
);

describe('a pickle with storages in it', () => {
  // Between the places that are tried, numbers of the storages follow each other.
  const places = Array.from({ length: 400 }, (_, i) => (i * 6151) % pickle.length);

  it('that is cut short is an Error that names the file', async () => {
    for (const length of places)
      expect(await refusal(pickle.subarray(0, length)), `${length}`).toMatch(/^model\.pt: /);
  });

  it('with a wrong byte is read or is an Error that names the file', async () => {
    for (const at of places) {
      const wrong = pickle.slice();
      wrong[at] ^= 0xff;
      const message = await refusal(wrong).catch((error: Error) => error.message);
      expect(message, `${at}`).toMatch(/^(model\.pt: |the file was read$)/);
    }
  });
});
