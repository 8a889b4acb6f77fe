import { createRequire } from 'node:module';
import { dirname } from 'node:path';

// A CommonJS build has no import.meta.url, and an ES module no __filename.
const here = typeof __filename === 'string' ? __filename : import.meta.url;

/** Finds installed packages from where this package lies, whatever the working directory. */
export const requireHere = createRequire(here);

/** The folder of this package. */
export const packageFolder = dirname(requireHere.resolve('spgd/package.json'));
