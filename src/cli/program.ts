import { Command } from 'commander';
import packageJson from '../../package.json';
import { addAngles } from './angles';
import { addConvert } from './convert';
import { addDemo } from './demo';
import { addEvaluate } from './evaluate';
import { addInfo } from './info';
import { addMerge } from './merge';
import { addNative } from './native';
import { oneLine } from './one-line';
import { addRestore } from './restore';
import { addWorker } from './worker';

const commands = [
  addDemo,
  addRestore,
  addEvaluate,
  addWorker,
  addMerge,
  addAngles,
  addConvert,
  addInfo,
  addNative,
];

/** The `spgd` command; it throws instead of ending the process. */
export function spgdProgram(): Command {
  const program = new Command('spgd')
    .description(packageJson.description)
    .version(packageJson.version)
    .option('--debug', 'print the stack of an error')
    .exitOverride()
    .configureOutput({
      outputError: (text, write) =>
        write(`${oneLine(text.replace(/^error: /, 'spgd: ').trim())}\n`),
    })
    .addHelpText('after', '\nExit codes: 0 done, 1 failure, 2 wrong usage or input, 130 Ctrl-C');
  for (const add of commands) add(program);
  return program;
}
