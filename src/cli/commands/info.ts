import type { Command } from 'commander';
import { type InfoOptions, info } from '../info';
import { interruptible } from '../interrupt';
import { heightByWidth, integer } from '../parse';
import { backendOption, modelText } from './shared';

/** `spgd info`. */
export function addInfo(program: Command): void {
  program
    .command('info')
    .description('print the backend and why, the versions, and what a model says of itself')
    .argument('[model]', modelText)
    .addOption(backendOption())
    .option('--size <HxW>', 'of the images whose memory is estimated', heightByWidth)
    .option('--batch <n>', 'how many of them at once', integer(1), 1)
    .action((model: string | undefined, options: InfoOptions) =>
      interruptible(() => info(model, options)),
    );
}
