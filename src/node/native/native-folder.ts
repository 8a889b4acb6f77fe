import { existsSync } from 'node:fs';
import { join, sep } from 'node:path';
import { packageFolder } from '../here';

/** The two npm packages that bring TensorFlow in C. */
export type NativePackage = 'tfjs-node' | 'tfjs-node-gpu';

/** The project that a package is installed in; a clone of the repository is its own. */
export function projectOf(folder: string): string {
  const at = folder.indexOf(`${sep}node_modules${sep}`);
  return at < 0 ? folder : folder.slice(0, at);
}

/** Where `spgd native` keeps what it makes: npm leaves this folder alone. */
export const cacheFolder = join(projectOf(packageFolder), 'node_modules', '.cache', 'spgd');

/** The folder of the project of one of the packages, made by `spgd native`. */
export const nativeFolder = (name: NativePackage): string => join(cacheFolder, name);

/** The package itself within that folder. */
export const builtPackage = (name: NativePackage): string =>
  join(nativeFolder(name), 'node_modules', '@tensorflow', name);

/** What to load for a package: what `spgd native` built, or else what npm installed. */
export const nativeEntry = (name: NativePackage): string =>
  existsSync(join(builtPackage(name), 'package.json')) ? builtPackage(name) : `@tensorflow/${name}`;
