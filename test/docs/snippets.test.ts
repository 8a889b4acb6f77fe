import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { useBackend } from 'spgd/node';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { calls, callsProgram } from './calls';
import { blocksOf, type Program, pages, programsOf, repository } from './markdown';
import { fillWorkplace } from './workplace';

// Inside the repository, the names spgd and spgd/node resolve to its sources. Git ignores out/.
const written = join(repository, 'out', `snippets-${process.pid}`);

/** Writes a program as a module and returns its path. */
function write({ name, content, isTest }: Program, index: number): string {
  const path = join(written, `${index}-${name.replace(/\W+/g, '-')}.ts`);
  // A test block is written for the test folder of the operators or samplers.
  const home = join(repository, 'test', name.includes('sampler') ? 'samplers' : 'operators');
  const code = isTest
    ? content.replace(/from '(\.[^']*)'/g, (_, to: string) => `from '${join(home, to)}'`)
    : content;
  writeFileSync(path, `${code}\nexport {};\n`);
  return path;
}

mkdirSync(written, { recursive: true });
const programs = pages
  .flatMap(programsOf)
  .map((program, index) => ({ ...program, path: write(program, index) }));

let materials: string;
const home = process.cwd();

beforeAll(async () => {
  await useBackend();
  materials = await mkdtemp(join(tmpdir(), 'spgd-docs-'));
  await fillWorkplace(materials);
});

afterAll(async () => {
  process.chdir(home);
  await rm(written, { recursive: true });
});

/** Imports a module in a fresh copy of the materials. */
async function run(path: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'spgd-docs-'));
  await cp(materials, folder, { recursive: true });
  const silenced = vi
    .spyOn(console, 'log')
    .mockImplementation(process.env.SPGD_REPORT ? console.info : () => {});
  process.chdir(folder);
  try {
    await import(/* @vite-ignore */ path);
  } finally {
    process.chdir(home);
    silenced.mockRestore();
  }
}

describe('the code blocks of the pages', () => {
  for (const { name, path } of programs.filter(({ isTest }) => !isTest))
    it(`${name} runs`, () => run(path));

  it('compile, and so do the calls in text and tables', () => {
    expect(calls.length).toBeGreaterThan(30);
    const config = join(repository, 'tsconfig.json');
    const { options } = ts.parseJsonConfigFileContent(
      ts.readConfigFile(config, ts.sys.readFile).config,
      { ...ts.sys, readDirectory: () => [] },
      dirname(config),
    );
    const callsPath = join(written, 'calls.ts');
    writeFileSync(callsPath, callsProgram);
    const checked = ts.createProgram([...programs.map(({ path }) => path), callsPath], options);
    const faults = ts
      .getPreEmitDiagnostics(checked)
      .filter(({ file }) => !file || file.fileName.startsWith(written));
    const host = { ...ts.sys, getNewLine: () => '\n', getCanonicalFileName: String };
    const text = ts.formatDiagnostics(faults, {
      ...host,
      getCurrentDirectory: () => repository,
    });
    expect(text).toBe('');
  });

  it('use only the four languages that are checked', () => {
    const languages = pages.flatMap(blocksOf).map(({ language }) => language);
    expect([...new Set(languages)].sort()).toEqual(['json', 'sh', 'text', 'ts']);
  });
});

for (const { name, path } of programs.filter(({ isTest }) => isTest))
  describe(`the test block ${name}`, async () => {
    await import(/* @vite-ignore */ path);
  });

it.each([
  ['custom-operator.ts', 'README.md'],
  ['custom-prior.ts', 'docs/bring-your-model.md'],
  ['custom-sampler.ts', 'docs/write-a-sampler.md'],
])('examples/%s is a code block of %s', (file, page) => {
  const example = readFileSync(join(repository, 'examples', file), 'utf8');
  expect(programsOf(page).map(({ content }) => content)).toContain(example);
});

it('the README is shorter than 120 lines', () => {
  expect(readFileSync(join(repository, 'README.md'), 'utf8').split('\n').length).toBeLessThan(120);
});
