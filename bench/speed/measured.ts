import type { BackendName } from 'spgd/node';

/** What one process measures. */
export interface Case {
  /** The library, the convolutions alone, TensorFlow.js's own gradients, or one of PyTorch's two. */
  readonly way:
    | 'library'
    | 'floor'
    | 'stock'
    | 'run'
    | 'workers'
    | 'torch-released'
    | 'torch-frozen';
  /** Of TensorFlow.js. */
  readonly backend?: BackendName;
  /** Name of a network of `networks.ts`. */
  readonly subject: string;
  readonly side: number;
  readonly batch: number;
  /** Measured passes after one that is not. */
  readonly repeats: number;
  /** Bytes of activations kept; none: the library chooses. */
  readonly budget?: number;
  /** What convolutions compute in; none: float32. */
  readonly precision?: 'bfloat16';
  /** Of a whole run: its steps, and gradients in each. */
  readonly steps?: number;
  readonly warmupSteps?: number;
  /** Threads of `workerDenoiser`. */
  readonly workers?: number;
}

/** What it found: seconds of each pass, and bytes. */
export interface Measured {
  readonly forward: readonly number[];
  /** One gradient in the input, with what SPGD does round it. */
  readonly iteration: readonly number[];
  /** The share of an iteration outside the network. */
  readonly outside?: readonly number[];
  /** Seconds of all cores for a step: one forward pass and one gradient. */
  readonly processor?: readonly number[];
  /** High-water mark of the resident memory of the process. */
  readonly peak: number;
  /** Tensors that were not there before. */
  readonly tensorsLeft?: number;
}

/** A case with what it found, as it stands in the record. */
export interface Line {
  /** The table it belongs to. */
  readonly section: string;
  readonly case: Case;
  readonly measured: Measured;
  /** The share of the machine that other programs took meanwhile. */
  readonly elsewhere: number;
  /** ISO 8601. */
  readonly date: string;
}
