import { join } from 'node:path';
import { packageFolder } from './here';

const urlOf = (name: string): string =>
  `file://${join(packageFolder, 'models', name, 'model.json')}`;

/** The priors that this package includes: `file://` URLs for `loadDenoiser`, by name. */
export interface BundledPriors {
  /** A light denoiser of colour photos of any size, best in tiles of 256 x 256 or whole. */
  readonly light: string;
  /** A denoiser of colour photos in tiles of 64 x 64: better by a little and about eight times slower. */
  readonly prior64: string;
}

/**
 * The priors that this package includes: small unconditional denoisers of colour photos, for a
 * laptop. docs/model-card.md has their figures.
 */
export const bundledPriors: BundledPriors = { light: urlOf('light'), prior64: urlOf('prior64') };

/** The bundled prior of the best quality, `prior64`: a `file://` URL for `loadDenoiser`. */
export const bundledPrior: string = bundledPriors.prior64;
