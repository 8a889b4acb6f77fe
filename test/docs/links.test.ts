import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pages, proseOf, repository } from './markdown';

const linked = [...pages, 'CONTRIBUTING.md', 'photos/README.md', 'models/prior64/LICENSE.md'];

/** The targets of links and pictures that lie in the repository. */
const targetsOf = (page: string): string[] =>
  [...proseOf(page).matchAll(/\]\(([^()\s]+)\)|(?:src|href)="([^"]+)"/g)]
    .map(([, inText, inTag]) => (inText ?? inTag)!)
    .filter((target) => !/^[a-z]+:/.test(target));

/** The anchors of a page, as GitHub makes them of its headings. */
const anchorsOf = (page: string): string[] =>
  [...proseOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

describe('links inside the repository', () => {
  const links = linked.flatMap((page) => targetsOf(page).map((target) => ({ page, target })));
  it.each(links)('$page leads to $target', ({ page, target }) => {
    const [path, anchor] = target.split('#') as [string, string | undefined];
    const found = path === '' ? page : normalize(join(dirname(page), path));
    expect(existsSync(join(repository, found)), found).toBe(true);
    if (anchor !== undefined) expect(anchorsOf(found)).toContain(anchor);
  });
});

it('the index leads to every page', () => {
  const led = targetsOf('docs/index.md').map((target) => join('docs', target));
  const others = pages.filter((page) => !['README.md', 'docs/index.md'].includes(page));
  expect(others.filter((page) => !led.includes(page))).toEqual([]);
});

describe('pages say nothing of the machine they were written on', () => {
  it.each([...linked, 'CHANGELOG.md'])('%s', (page) => {
    expect(proseOf(page)).not.toMatch(/\/work\/|\/home\/|\/tmp\/|\.\.\/shared|localhost/);
  });
});
