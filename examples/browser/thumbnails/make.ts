import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

// The pictures of the buttons: `npx tsx examples/browser/thumbnails/make.ts`.
const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
for (const name of ['astronaut', 'chelsea', 'coffee'])
  await sharp(path(`../../../photos/${name}.png`))
    .resize(176, 176)
    .webp()
    .toFile(path(`${name}.webp`));
