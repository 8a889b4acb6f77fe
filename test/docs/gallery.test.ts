import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { galleryPage } from '../../tools/gallery/page';
import { type Figures, rows } from '../../tools/gallery/rows';
import { repository, textOf } from './markdown';

const figures: Record<string, Figures> = JSON.parse(
  readFileSync(join(repository, 'docs/images/gallery/figures.json'), 'utf8'),
);

it('the gallery page is the one that the generator writes from the measured figures', () => {
  const made = rows.map((row) => ({ ...row, ...figures[row.task]! }));
  expect(textOf('docs/gallery.md')).toBe(galleryPage(made));
});
