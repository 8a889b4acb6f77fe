import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the repository. */
export const repository = fileURLToPath(new URL('../../', import.meta.url));

const inFolder = (folder: string): string[] =>
  readdirSync(join(repository, folder))
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => join(folder, name));

/** The pages for users, by their path in the repository. */
export const pages: readonly string[] = ['README.md', ...inFolder('docs')];

/** The text of a page. */
export const textOf = (page: string): string => readFileSync(join(repository, page), 'utf8');

/** A fenced block of a page. */
export interface Block {
  readonly page: string;
  /** The line number of its first line. */
  readonly line: number;
  readonly language: string;
  /** The words after the language: `continue`, `test`. */
  readonly words: readonly string[];
  readonly content: string;
}

/** The fenced blocks of a page, in order. */
export function blocksOf(page: string): Block[] {
  const text = textOf(page);
  return [...text.matchAll(/^```([^\n]*)\n([\s\S]*?)^```$/gm)].map((match) => {
    const [language = '', ...words] = match[1]!.trim().split(/\s+/);
    const line = text.slice(0, match.index).split('\n').length + 1;
    return { page, line, language, words, content: match[2]! };
  });
}

/** A page without its fenced blocks. */
export const proseOf = (page: string): string =>
  textOf(page).replace(/^```[^\n]*\n[\s\S]*?^```$/gm, '');

/** A program of a page: a block, and those after it that continue it. */
export interface Program {
  readonly name: string;
  /** Registers tests instead of computing something. */
  readonly isTest: boolean;
  readonly content: string;
}

/** The TypeScript programs of a page. */
export function programsOf(page: string): Program[] {
  const chains: Block[][] = [];
  for (const block of blocksOf(page).filter(({ language }) => language === 'ts')) {
    const last = block.words.includes('continue') ? chains.at(-1) : undefined;
    if (last) last.push(block);
    else chains.push([block]);
  }
  return chains.map((chain) => ({
    name: `${page}:${chain.map(({ line }) => line).join('+')}`,
    isTest: chain[0]!.words.includes('test'),
    content: chain.map(({ content }) => content).join('\n'),
  }));
}
