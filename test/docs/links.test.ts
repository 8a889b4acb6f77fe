import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pages, proseOf, repository } from './markdown';

const linked = [
  ...pages,
  'CONTRIBUTING.md',
  'SECURITY.md',
  'CHANGELOG.md',
  'bench/README.md',
  'bench/RESULTS.md',
  'examples/browser/README.md',
  'tools/train-prior/README.md',
  'photos/README.md',
  'models/LICENSE.md',
];

/** The relative targets of links and images on a page. */
const targetsOf = (page: string): string[] =>
  [...proseOf(page).matchAll(/\]\(([^()\s]+)\)|(?:src|href)="([^"]+)"/g)]
    .map(([, inText, inTag]) => (inText ?? inTag)!)
    .filter((target) => !/^[a-z]+:/.test(target));

/** The file of a target, by its path in the repository. */
const fileOf = (page: string, target: string): string => {
  const [path] = target.split('#') as [string];
  return path === '' ? page : normalize(join(dirname(page), path));
};

/** The anchors of a page, as GitHub derives them from its headings. */
const anchorsOf = (page: string): string[] =>
  [...proseOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

describe('relative links', () => {
  const links = linked.flatMap((page) => targetsOf(page).map((target) => ({ page, target })));
  it.each(links)('$page links to $target, which exists', ({ page, target }) => {
    const file = fileOf(page, target);
    expect(existsSync(join(repository, file)), file).toBe(true);
    const anchor = target.split('#')[1];
    if (anchor !== undefined) expect(anchorsOf(file)).toContain(anchor);
  });
});

it('the index links to every page', () => {
  const targets = targetsOf('docs/index.md').map((target) => join('docs', target));
  const others = pages.filter((page) => !['README.md', 'docs/index.md'].includes(page));
  expect(others.filter((page) => !targets.includes(page))).toEqual([]);
});

describe('the package', () => {
  // npm lists what it would pack; scripts would build first.
  const [{ files }] = JSON.parse(
    execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: repository,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  ) as [{ files: { path: string }[] }];
  const packed = new Set(files.map(({ path }) => path));

  it('contains every file that its README links to', () => {
    const targets = targetsOf('README.md').map((target) => fileOf('README.md', target));
    expect(targets.length).toBeGreaterThan(15);
    expect(targets.filter((file) => !packed.has(file))).toEqual([]);
  });

  it('contains every file that its other pages link to, except these of the repository', () => {
    const missing = [...packed]
      .filter((path) => path.endsWith('.md'))
      .flatMap((page) => targetsOf(page).map((target) => fileOf(page, target)))
      .filter((file) => !packed.has(file));
    expect([...new Set(missing)].sort()).toEqual([
      'bench/cuda.sh',
      'examples/browser/README.md',
      'examples/browser/service-worker.js',
      'examples/custom-operator.ts',
      'examples/custom-prior.ts',
      'examples/custom-sampler.ts',
      'examples/plain/index.html',
      'examples/react/photo-denoiser.tsx',
      'tools/train-prior/README.md',
    ]);
  });
});

describe('pages do not mention the machine they were written on', () => {
  it.each(linked)('%s', (page) => {
    expect(proseOf(page)).not.toMatch(/\/work\/|\/home\/|\/tmp\/|\.\.\/shared|localhost/);
  });
});
