import type { Tensor4D } from '@tensorflow/tfjs';
import sharp from 'sharp';
import { write } from './files';

/** The estimates of a run, step by step. */
export interface Film {
  /** Adds an image, values in [-1, 1]; it stays the caller's. */
  add(image: Tensor4D): Promise<void>;
  /** Writes all of them as an animated WebP, without loss. */
  write(path: string): Promise<void>;
}

/** Milliseconds of a frame; the last one stays. */
const delay = 100;

/** Collects images for an animation. */
export function trajectoryFilm(): Film {
  const frames: Buffer[] = [];
  return {
    async add(image) {
      const [, height, width, channels] = image.shape;
      const bytes = Uint8ClampedArray.from(await image.data(), (value) => (value + 1) * 127.5);
      const raw = { width, height, channels: channels as 1 | 3 };
      frames.push(await sharp(bytes, { raw }).png().toBuffer());
    },
    async write(path) {
      const delays = frames.map((_, i) => (i === frames.length - 1 ? 2000 : delay));
      const film = sharp(frames, { join: { animated: true } });
      await write(path, await film.webp({ lossless: true, delay: delays }).toBuffer());
    },
  };
}
