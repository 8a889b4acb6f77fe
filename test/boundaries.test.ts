import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const source = fileURLToPath(new URL('../src', import.meta.url));

const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => path.split(sep).join('/'));

const importsOf = (path: string): string[] => {
  const text = readFileSync(join(source, path), 'utf8');
  return [...text.matchAll(/(?:from|import\()\s*'([^']+)'/g)].map(([, name]) => name!);
};

/** The folder below src that an import of a file leads to, or the package. */
const folderOf = (path: string, name: string): string => {
  if (!name.startsWith('.')) return name;
  const target = relative(source, join(source, path, '..', name));
  return target.split(sep)[0]!;
};

it('the core runs in any browser: it imports no Node module and nothing of src/node or src/cli', () => {
  const core = files.filter((path) => !/^(node|cli)\//.test(path));
  const allowed = /^(@tensorflow\/tfjs|unzipit|d3-delaunay|spgd$|\.)/;
  const wrong = core.flatMap((path) =>
    importsOf(path)
      .filter((name) => !allowed.test(name) || ['node', 'cli'].includes(folderOf(path, name)))
      .map((name) => `${path} imports ${name}`),
  );
  expect(core.length).toBeGreaterThan(50);
  expect(wrong).toEqual([]);
});

it('dependencies point one way: samplers, then operators, schedulers and models, then internal', () => {
  const layers: Record<string, readonly string[]> = {
    internal: [],
    operators: ['internal'],
    schedulers: ['internal'],
    metrics: ['internal', 'operators', 'models'],
    models: ['internal'],
    samplers: ['internal', 'operators', 'schedulers', 'models'],
  };
  const wrong = files.flatMap((path) => {
    const own = path.split('/')[0]!;
    const allowed = layers[own];
    if (!allowed) return [];
    return importsOf(path)
      .filter((name) => name.startsWith('.'))
      .map((name) => folderOf(path, name))
      .filter((folder) => folder !== own && !allowed.includes(folder))
      .map((folder) => `${path} imports from ${folder}`);
  });
  expect(wrong).toEqual([]);
});

it.each(['cli', 'tasks'])('src/%s is a client of the package: it imports spgd by name', (room) => {
  const wrong = files
    .filter((path) => path.startsWith(`${room}/`))
    .flatMap((path) => importsOf(path).map((name) => ({ path, name })))
    .filter(({ name }) => name.startsWith('.') && !name.endsWith('/package.json'))
    .filter(({ path, name }) => folderOf(path, name) !== room);
  expect(wrong).toEqual([]);
});

it('no file of models imports itself through others, types included', () => {
  const targetOf = (path: string, name: string): string | undefined => {
    const target = join(path, '..', name).split(sep).join('/');
    return [`${target}.ts`, `${target}/index.ts`].find((file) => files.includes(file));
  };
  const next = new Map(
    files.map((path) => [path, importsOf(path).flatMap((name) => targetOf(path, name) ?? [])]),
  );
  const reached = (from: string): ReadonlySet<string> => {
    const seen = new Set<string>();
    const open = [...next.get(from)!];
    for (let file = open.pop(); file !== undefined; file = open.pop()) {
      if (seen.has(file)) continue;
      seen.add(file);
      open.push(...next.get(file)!);
    }
    return seen;
  };
  const models = files.filter((path) => path.startsWith('models/'));
  expect(models.length).toBeGreaterThan(50);
  expect(models.filter((path) => reached(path).has(path))).toEqual([]);
});
