import { createRequire } from 'node:module';
import { dirname } from 'node:path';

/** Where this module lies: a URL, or a path in the CommonJS build, which has no import.meta.url. */
export const here = import.meta.url ?? __filename;

/** Finds installed packages from where this package lies, whatever the working directory. */
export const requireHere = createRequire(here);

/** The folder of this package. */
export const packageFolder = dirname(requireHere.resolve('spgd/package.json'));
