import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { importedFile, importsOf, sourceFiles } from './support/source-imports';

/** The diagram of docs/design-notes.md: a folder a line, an arrow, and what it imports. */
const notes = readFileSync(new URL('../docs/design-notes.md', import.meta.url), 'utf8');
const diagram = /## Structure[\s\S]*?```text\n([\s\S]*?)```/.exec(notes)![1]!;
const lines = [...diagram.matchAll(/^(\S+) +→ (.*?)(?: {2,}.*)?$/gm)];
const folders = lines.map(([, folder]) => folder!);
const drawn = lines.map(([, folder, text], line) => ({
  folder: folder!,
  targets:
    text === 'all below' ? folders.slice(line + 1) : text!.split(', ').filter((x) => x !== '–'),
}));

/** The folder of the diagram that a file lies in: the most specific one. */
const folderOf = (file: string): string => {
  const holders = folders.filter(
    (folder) => file === `${folder}.ts` || file.startsWith(`${folder}/`),
  );
  return holders.sort((a, b) => b.length - a.length)[0] ?? `${file}, which is in no drawn folder`;
};

/** An arrow of the public API, which may export from every folder below it. */
const isOfIndex = (arrow: string) => arrow.startsWith('index →');

/** The arrows that the imports between folders make. */
const arrows = (): string[] =>
  sourceFiles.flatMap((file) =>
    importsOf(file)
      .map((name) => importedFile(file, name))
      .filter((imported) => imported !== undefined)
      .filter((imported) => folderOf(imported) !== folderOf(file))
      .map((imported) => `${folderOf(file)} → ${folderOf(imported)}`),
  );

describe('the diagram of the folders', () => {
  it('draws exactly the imports between folders', () => {
    const inDiagram = drawn.flatMap(({ folder, targets }) =>
      targets.map((target) => `${folder} → ${target}`),
    );
    const fromImports = [...new Set([...arrows(), ...inDiagram.filter(isOfIndex)])];
    expect(inDiagram.length).toBeGreaterThan(20);
    expect(fromImports.sort()).toEqual(inDiagram.sort());
  });

  it('has arrows that point down, except between a folder and its subfolders', () => {
    const room = (folder: string) => folder.split('/')[0]!;
    const upward = drawn.flatMap(({ folder, targets }, line) =>
      targets
        .filter((target) => room(target) !== room(folder) && folders.indexOf(target) <= line)
        .map((target) => `${folder} → ${target}`),
    );
    expect(upward).toEqual([]);
  });
});

it('no files import each other in a cycle, types included', () => {
  const imports = new Map(
    sourceFiles.map((file) => [
      file,
      importsOf(file).flatMap((name) => importedFile(file, name) ?? []),
    ]),
  );
  /** The files that a file imports, directly or through others. */
  const reachable = new Map(
    sourceFiles.map((file) => {
      const found = new Set(imports.get(file));
      for (const next of found) for (const further of imports.get(next)!) found.add(further);
      return [file, found];
    }),
  );
  const cycles = sourceFiles
    .filter((file) => reachable.get(file)!.has(file))
    .map((file) => [...reachable.get(file)!].filter((other) => reachable.get(other)!.has(file)))
    .map((cycle) => cycle.sort().join(' ↔ '));
  expect([...new Set(cycles)]).toEqual([]);
});

it('the core runs in any browser: it imports no Node module, nor src/node or src/cli', () => {
  const core = sourceFiles.filter((path) => !/^(node|cli)\//.test(path));
  const allowed = (path: string) =>
    /^(tasks|browser)\//.test(path)
      ? /^(@tensorflow\/tfjs|d3-delaunay|spgd$|spgd\/tasks$|\.)/
      : /^(@tensorflow\/tfjs|unzipit|spgd\/convert$|\.)/;
  const wrong = core.flatMap((path) =>
    importsOf(path)
      .filter(
        (name) => !allowed(path).test(name) || /^(node|cli)\//.test(importedFile(path, name) ?? ''),
      )
      .map((name) => `${path} imports ${name}`),
  );
  expect(core.length).toBeGreaterThan(50);
  expect(wrong).toEqual([]);
});

it.each(['browser', 'cli', 'tasks'])(
  'src/%s is a client of the package: it imports spgd by name',
  (room) => {
    const wrong = sourceFiles
      .filter((path) => path.startsWith(`${room}/`))
      .flatMap((path) => importsOf(path).map((name) => ({ path, name })))
      .filter(({ name }) => name.startsWith('.') && !name.endsWith('/package.json'))
      .filter(({ path, name }) => !importedFile(path, name)?.startsWith(`${room}/`));
    expect(wrong).toEqual([]);
  },
);
