import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const photos = join(dirname(createRequire(import.meta.url).resolve('spgd/package.json')), 'photos');

/** The photos that come with the package. */
export const photoNames = ['coffee', 'chelsea', 'astronaut'] as const;

/** The path of a photo: of a bundled one by its name, or the path that was given. */
export const photoPath = (name: string): string =>
  (photoNames as readonly string[]).includes(name) ? join(photos, `${name}.png`) : name;
