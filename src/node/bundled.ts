import { join } from 'node:path';
import { packageFolder } from './here';

/**
 * Where the prior that comes with this package lies: a `file://` URL for `loadDenoiser`.
 *
 * It is a small unconditional denoiser of 64 x 64 colour photos, enough for the demo and for tests
 * on a laptop.
 */
export const bundledPrior: string = `file://${join(packageFolder, 'models', 'prior64', 'model.json')}`;
