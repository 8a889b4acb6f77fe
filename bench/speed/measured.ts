import type { BackendName } from 'spgd/node';

/** What one process measures. */
export interface Case {
  /**
   * The library, the same layer by layer, the convolutions alone, TensorFlow.js's own gradients, or one
   * of PyTorch's two.
   */
  readonly way: 'library' | 'layers' | 'floor' | 'stock' | 'torch-released' | 'torch-frozen';
  /** Of TensorFlow.js. */
  readonly backend?: BackendName;
  /** Of PyTorch, where it is not the CPU. */
  readonly device?: 'cuda';
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
}

/** What it found: seconds of each pass, of the processor or on a card, and bytes. */
export interface Measured {
  readonly forward: readonly number[];
  /** One likelihood gradient: the network forward and backward, and the operator between. */
  readonly gradient: readonly number[];
  /** High-water mark of the resident memory of the process, or of a card's. */
  readonly peak: number;
}

/** A case with what it found, as it stands in the record. */
export interface Line {
  /** The table it belongs to. */
  readonly section: string;
  readonly case: Case;
  readonly measured: Measured;
  /** ISO 8601. */
  readonly date: string;
}
