import type { Command } from 'commander';
import { type InfoOptions, info } from '../info';
import { interruptible } from '../interrupt';
import { backendOption, modelText } from './shared';

/** `spgd info`. */
export function addInfo(program: Command): void {
  program
    .command('info')
    .description('print the backend and why, the versions, and what a model says of itself')
    .argument('[model]', modelText)
    .addOption(backendOption())
    .action((model: string | undefined, options: InfoOptions) =>
      interruptible(() => info(model, options)),
    );
}
