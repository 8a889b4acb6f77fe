import type { Command } from 'commander';
import { sayOutcome } from './evaluate';
import { checkComplete } from './evaluate/item-record';
import { mergeFolders } from './evaluate/merge';
import { groupsOf } from './evaluate/plan';
import { readFolder, writeReport } from './evaluate/report';

/** `spgd merge`. */
export function addMerge(program: Command): void {
  program
    .command('merge')
    .description('join the parts of an evaluation that --shard made, and write its report')
    .argument('<folders...>', 'folders of the parts')
    .requiredOption('--out <folder>', 'folder to write')
    .action(async (folders: string[], { out }: { out: string }) => {
      await mergeFolders(folders, out);
      sayOutcome(out, await writeReport(out));
      const { config, inputs } = await readFolder(out);
      await checkComplete(out, groupsOf(config, inputs.photos));
    });
}
