import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const source = join(repository, 'src');

/** Our own packages, such as `spgd/node`, and the files below src that they name. */
const { paths } = ts.readConfigFile(join(repository, 'tsconfig.json'), ts.sys.readFile).config
  .compilerOptions as { paths: Record<string, [string]> };
const packages = new Map(
  Object.entries(paths).map(([name, [path]]) => [name, path.replace('./src/', '')]),
);

/** Every TypeScript file below src, by its path there. */
export const sourceFiles: readonly string[] = readdirSync(source, {
  recursive: true,
  encoding: 'utf8',
})
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.ts'))
  .sort();

/** The imports of a file, types included, as they are written there. */
export const importsOf = (path: string): string[] =>
  ts
    .preProcessFile(readFileSync(join(source, path), 'utf8'))
    .importedFiles.map(({ fileName }) => fileName);

/** The file below src that an import leads to; undefined for a foreign package. */
export function importedFile(path: string, name: string): string | undefined {
  if (!name.startsWith('.')) return packages.get(name);
  const target = join('/', path, '..', name).slice(1);
  return [`${target}.ts`, `${target}/index.ts`].find((file) => existsSync(join(source, file)));
}
