import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import packageJson from '../../package.json';
import { spgdProgram } from '../../src/cli/program';
import { blocksOf, pages, repository } from './markdown';

/** Takes the action of each command away, down to the last. */
function disarm({ commands }: Pick<Command, 'commands'>): void {
  for (const command of commands) {
    if (command.commands.length === 0) command.action(() => {});
    else disarm(command);
  }
}

/** Parses the arguments of `spgd` as the command does, and runs nothing. */
async function parse(args: string[]): Promise<void> {
  const program = spgdProgram();
  disarm(program);
  await program.parseAsync(args, { from: 'user' });
}

const hasFile = (path: string) => expect(existsSync(join(repository, path)), path).toBe(true);

/** What can be known of a command without running it. */
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

describe('the commands of the pages', () => {
  it.each(commands)('$title', async ({ text }) => {
    const name = Object.keys(checks).find((start) => `${text} `.startsWith(`${start} `));
    expect(name, 'a command that can be checked').toBeDefined();
    await checks[name!]!(text.slice(name!.length).split(/\s+/).filter(Boolean));
  });
});
