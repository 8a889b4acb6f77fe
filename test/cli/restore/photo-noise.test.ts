import { expect, test } from 'vitest';
import { photoNoise } from '../../../src/cli/restore/photo-noise';

/** A photo of random colours, equally opaque everywhere. */
const photo = (alpha: number) => ({
  values: Uint8Array.from({ length: 32 * 32 * 4 }, (_, i) => (i % 4 === 3 ? alpha : (i * i) % 251)),
  shape: [32, 32, 4] as const,
  white: 255,
});

test('where no block is opaque, it is said that the noise is not estimated', () => {
  expect(photoNoise(photo(255), false)).toMatchObject({ isFound: true, source: 'estimated' });
  expect(photoNoise(photo(254), false)).toEqual({
    std: 0.0025,
    isFound: false,
    source: 'the least of 8 bits: not estimated, since no 8 x 8 pixels are known and opaque',
  });
});
