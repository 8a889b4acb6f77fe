import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gaussianBlur } from 'spgd';
import { convertBlurNetwork } from 'spgd/convert';
import { fileHandler, readImage, writeImage } from 'spgd/node';
import { writeSafetensors } from '../../src/models/checkpoint/safetensors';
import { kernelWizard } from '../../src/models/networks/kernel-wizard';
import { filledLpips } from '../metrics/filled-lpips';
import { filledModel, filledTensors, tinySettings } from '../models/graph/filled-model';
import { filledStateDict } from '../models/graph/filled-weights';
import { repository } from './markdown';

/** Fills a folder with the files that the pages name: photos, a checkpoint, a foreign model. */
export async function fillWorkplace(folder: string): Promise<void> {
  await symlink(join(repository, 'photos'), join(folder, 'photos'));
  const photo = await readImage('photos/coffee.png', { size: [32, 32] });
  const blurred = gaussianBlur({ kernelSize: 9, std: 1.5 }).forward(photo);
  await writeImage(join(folder, 'blurred.png'), blurred);
  photo.dispose();
  blurred.dispose();

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
