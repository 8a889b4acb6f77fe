import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Public names and the files below src that they come from. */
export const exported = [
  ...readFileSync(`${root}src/index.ts`, 'utf8').matchAll(/export \{([^}]*)\} from '\.\/([^']+)'/g),
].flatMap(([, names, file]) =>
  names!
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name && !name.startsWith('type '))
    .map((name) => ({ name, file: file! })),
);

/** What a page loads at once for an export statement: the files and the bytes, without TensorFlow.js. */
export async function firstLoad(statement: string): Promise<{ files: string[]; gzip: number }> {
  const { metafile, outputFiles } = await build({
    stdin: { contents: `${statement} from './src/index'`, resolveDir: root, loader: 'ts' },
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    external: ['@tensorflow/tfjs', 'spgd/convert'],
    outdir: 'out',
    write: false,
    metafile: true,
    absWorkingDir: root,
  });
  const outputs = Object.entries(metafile.outputs);
  const loaded = new Set(
    outputs.filter(([, { entryPoint }]) => entryPoint === '<stdin>').map(([path]) => path),
  );
  for (const path of loaded)
    for (const { path: next, kind, external } of metafile.outputs[path]!.imports)
      if (kind === 'import-statement' && !external) loaded.add(next);
  const files = [...loaded].flatMap((path) =>
    Object.entries(metafile.outputs[path]!.inputs)
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([file]) => file.replace(/^src\/|\.ts$/g, '')),
  );
  const sizes = outputFiles
    .filter(({ path }) => [...loaded].some((name) => path.endsWith(name)))
    .map(({ contents }) => gzipSync(contents, { level: 9 }).length);
  return { files, gzip: sizes.reduce((sum, size) => sum + size, 0) };
}
