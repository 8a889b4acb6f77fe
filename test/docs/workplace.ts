import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { convertBlurNetwork } from 'spgd/convert';
import { fileHandler } from 'spgd/node';
import { writeSafetensors } from '../../src/models/checkpoint/safetensors';
import { kernelWizard } from '../../src/models/networks/kernel-wizard';
import { filledLpips } from '../metrics/filled-lpips';
import { filledModel, filledTensors, tinySettings } from '../models/graph/filled-model';
import { filledStateDict } from '../models/graph/filled-weights';
import { repository } from './markdown';

/**
 * Fills a folder as a reader of the pages has it: the photos of a clone and of the installed package, and
 * the files that a page asks the reader to bring (a checkpoint, its settings, models).
 */
export async function fillWorkplace(folder: string): Promise<void> {
  await symlink(join(repository, 'photos'), join(folder, 'photos'));
  await mkdir(join(folder, 'node_modules/spgd'), { recursive: true });
  await symlink(join(repository, 'photos'), join(folder, 'node_modules/spgd/photos'));

  await writeFile(join(folder, 'checkpoint.safetensors'), writeSafetensors(filledTensors()));
  await writeFile(join(folder, 'config.json'), JSON.stringify(tinySettings));
  const { userDefinedMetadata: _, ...foreign } = await filledModel();
  const { weights } = kernelWizard({ input_nc: 3, nf: 2, front_RBs: 1, back_RBs: 1 });
  const blur = await convertBlurNetwork(writeSafetensors(filledStateDict(weights)));
  const models = { foreign, bkse: blur, 'lpips-squeeze': await filledLpips('squeeze') };
  await mkdir(join(folder, 'models'));
  for (const [name, artifacts] of Object.entries(models))
    await fileHandler(`file://${join(folder, 'models', name, 'model.json')}`).save(artifacts);
}
