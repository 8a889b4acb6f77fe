import type { BackendName } from 'spgd/node';
import { type MethodOptions, methodNamed } from '../shared-options';

/** Options of `spgd restore`, as the command line gives them. */
export interface RestoreOptions extends MethodOptions {
  /** The photo is clean: it is degraded first, and the result is rated. */
  readonly simulate?: boolean;
  readonly task?: string;
  readonly mask?: string;
  readonly kernel?: string;
  readonly scale?: number;
  readonly blurStd?: number;
  readonly blurRadius?: number;
  readonly noiseStd?: number;
  readonly size?: [height: number, width: number];
  readonly grayscale?: boolean;
  readonly maxPixels: number;
  readonly keepGps?: boolean;
  readonly steps?: number;
  readonly sigmaMax?: number;
  readonly seed: number;
  readonly samples: number;
  readonly keep: 'mean' | 'all';
  readonly model?: string;
  readonly backend: BackendName | 'auto';
  readonly workers?: number;
  readonly tile?: number;
  readonly batch?: number;
  readonly out?: string;
  readonly json?: boolean;
  /** Prints what is found and would be done, and does nothing. */
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly resume?: boolean;
}

/**
 * The sampler of the options, as `chooseSettings` takes it. A level of quality stands for one picture,
 * often without any spread: several samples take a method that draws from the posterior.
 */
export function methodOf(options: RestoreOptions): string {
  const asked = methodNamed(options);
  return options.samples > 1 && asked === options.quality ? 'samples' : asked;
}

/** An error in what was given to `spgd restore`, in one line. */
export const usageError = (message: string): Error =>
  Object.assign(new Error(`restore: ${message}`), { name: 'InputError' });
