import type { BackendName } from 'spgd/node';
import type { MethodOptions } from '../shared-options';

/** Options of `spgd restore`, as the command line gives them. */
export interface RestoreOptions extends MethodOptions {
  /** The photo is clean: it is degraded first, and the result is rated. */
  readonly simulate?: boolean;
  readonly task?: string;
  readonly mask?: string;
  readonly kernel?: string;
  readonly scale?: number;
  readonly blurStd?: number;
  readonly noiseStd?: number;
  readonly size?: [height: number, width: number];
  readonly grayscale?: boolean;
  readonly maxPixels: number;
  readonly keepGps?: boolean;
  readonly steps?: number;
  readonly sigmaMax?: number;
  readonly seed: number;
  readonly samples: number;
  readonly model?: string;
  readonly backend: BackendName | 'auto';
  readonly workers?: number;
  readonly tile?: number;
  readonly batch?: number;
  readonly out?: string;
  readonly json?: boolean;
  readonly yes?: boolean;
  readonly resume?: boolean;
}

/** An error in what was given to `spgd restore`, in one line. */
export const usageError = (message: string): Error =>
  Object.assign(new Error(`restore: ${message}`), { name: 'InputError' });
