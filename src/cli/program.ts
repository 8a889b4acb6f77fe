import { Command } from 'commander';
import packageJson from '../../package.json';
import { addAngles } from './commands/angles';
import { addConvert } from './commands/convert';
import { addDemo } from './commands/demo';
import { addEvaluate, addMerge, addWorker } from './commands/evaluate';
import { addInfo } from './commands/info';
import { addNative } from './commands/native';
import { addRestore } from './commands/restore';

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
