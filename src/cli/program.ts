import { Command } from 'commander';
import packageJson from '../../package.json';
import { addAngles } from './angles';
import { addConvert } from './commands/convert';
import { addEvaluate, addMerge, addWorker } from './commands/evaluate';
import { addDemo } from './demo';
import { addInfo } from './info';
import { addNative } from './native';
import { addRestore } from './restore';

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
      outputError: (text, write) => write(text.replace(/^error: /, 'spgd: ')),
    })
    .addHelpText('after', '\nExit codes: 0 done, 1 failure, 2 wrong usage or input, 130 Ctrl-C');
  for (const add of commands) add(program);
  return program;
}
