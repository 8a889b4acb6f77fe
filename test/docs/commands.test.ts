import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import packageJson from '../../package.json';
import { spgdProgram } from '../../src/cli/program';
import { blocksOf, pages, proseOf, repository } from './markdown';

/** Replaces the action of each command, and of its subcommands, by nothing. */
function disarm({ commands }: Pick<Command, 'commands'>): void {
  for (const command of commands) {
    if (command.commands.length === 0) command.action(() => {});
    else disarm(command);
  }
}

/** Parses arguments as the command `spgd` does, without running anything. */
async function parse(args: string[]): Promise<void> {
  const program = spgdProgram();
  disarm(program);
  await program.parseAsync(args, { from: 'user' });
}

const hasFile = (path: string) => expect(existsSync(join(repository, path)), path).toBe(true);

/** How each command is checked without running it. */
const checks: Readonly<Record<string, (args: string[]) => unknown>> = {
  spgd: parse,
  'npx spgd': parse,
  'npx tsx': ([path]) => hasFile(path!),
  'npx vitest': ([_run, ...paths]) => paths.forEach(hasFile),
  'npm run': ([script]) => expect(packageJson.scripts).toHaveProperty(script!),
  'npm test': () => {},
  'npm ci': () => {},
  'npm install': () => {},
  bash: ([path]) => hasFile(path!),
};

const commands = [...pages, 'CONTRIBUTING.md']
  .flatMap(blocksOf)
  .filter(({ language }) => language === 'sh')
  .flatMap(({ page, line, content }) =>
    content
      .replaceAll('\\\n', ' ')
      .split(/\n|&&/)
      .map((text) =>
        text
          .replace(/(^|\s)#.*/, '')
          .replace(/^\s*(\w+=\S+\s+)+/, '')
          .trim(),
      )
      .filter((text) => text !== '')
      .map((text) => ({ title: `${page}:${line} ${text}`, text })),
  );

describe('the shell commands of the pages are valid', () => {
  it.each(commands)('$title', async ({ text }) => {
    const name = Object.keys(checks).find((start) => `${text} `.startsWith(`${start} `));
    expect(name, 'a known command').toBeDefined();
    await checks[name!]!(text.slice(name!.length).split(/\s+/).filter(Boolean));
  });
});

/** The long options of a command and its subcommands. */
const optionsOf = ({ options, commands }: Pick<Command, 'options' | 'commands'>): string[] => [
  ...options.map(({ long }) => long!),
  ...commands.flatMap(optionsOf),
];

it('every option that the text names exists', () => {
  const ofScripts = ['--equal', '--force', '--passes']; // bench:restore and gallery
  const known = new Set([...optionsOf(spgdProgram()), ...ofScripts, '--help']);
  const named = pages.flatMap((page) =>
    [...proseOf(page).matchAll(/`[^`\n]+`/g)].flatMap(([code]) =>
      [...code.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)].map(([option]) => option),
    ),
  );
  expect(named.length).toBeGreaterThan(40);
  expect([...new Set(named)].filter((option) => !known.has(option))).toEqual([]);
});
