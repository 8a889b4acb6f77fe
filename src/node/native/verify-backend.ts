import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BackendName } from '../backends';
import type { BackendChoice } from '../choose-backend';
import { here, packageFolder, requireHere } from '../here';
import { explainFailure } from './explain-failure';
import { runTool } from './run-tool';

const program = `import(process.argv[1]).then((spgd) => spgd.useBackend(process.argv[2])).then(
  (choice) => console.log('choice ' + JSON.stringify(choice)),
  (error) => { console.log(String((error.cause ?? error).message)); process.exitCode = 1; })`;

/** How a fresh Node loads this package: built, or from its sources in a clone. */
function loading(): { flags: string[]; url: string } {
  if (!here.endsWith('.ts'))
    return { flags: [], url: pathToFileURL(join(packageFolder, 'dist', 'node.js')).href };
  const flags = ['--import', pathToFileURL(requireHere.resolve('tsx')).href];
  return { flags, url: new URL('../index.ts', import.meta.url).href };
}

/**
 * Starts a backend in a process of its own, where it computes a convolution and its gradient.
 *
 * A library that ends its process ends that one. Rejects with what failed and what to do.
 */
export async function verifyBackend(
  name: BackendName,
  signal?: AbortSignal,
): Promise<BackendChoice<BackendName>> {
  const { flags, url } = loading();
  const args = [...flags, '--eval', program, url, name];
  const result = await runTool(process.execPath, args, signal ? { signal } : {});
  const line = result.output.split('\n').find((one) => one.startsWith('choice '));
  if (!result.ok || !line) throw explainFailure('load', `starting ${name}`, result);
  return JSON.parse(line.slice('choice '.length));
}
