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
