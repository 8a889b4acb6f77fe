/** One tensor of a checkpoint; its numbers stay in the file until they are read. */
export interface CheckpointTensor {
  /** Its key in the state dict. */
  readonly name: string;
  /** Its size along each axis; empty for a single number. */
  readonly shape: readonly number[];
  /** The type of number in the file, in PyTorch's words: `float32`, `bfloat16`, `int64`, … */
  readonly dtype: string;
  /** Its numbers in row-major order, rounded to float32 (integers beyond 2^24 lose digits). */
  read(): Promise<Float32Array>;
}

/** A file of named tensors. */
export interface TensorFile {
  /** How the file is laid out. */
  readonly format: 'safetensors' | 'pytorch-zip' | 'pytorch-legacy' | 'pickle';
  /** The metadata of a safetensors file; empty for PyTorch's formats. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The tensors by name, in the order of the file. */
  readonly tensors: ReadonlyMap<string, CheckpointTensor>;
}

/** What is known of the class of a pickled module; its code is never run. */
export interface ModuleClass {
  /** The name of the class, such as `EDMPrecond`. */
  readonly name: string;
  /** Its attributes that are numbers. */
  readonly numbers: Readonly<Record<string, number>>;
}

/** The weights of a network in a file, by the names that the network gives them. */
export interface Checkpoint extends TensorFile {
  /** The class whose weights these are, where the file holds a whole module. */
  readonly module?: ModuleClass;
  /** Which of the weights in the file these are. */
  readonly weights: {
    /** Where they lie in the file, such as `params_ema`; empty for the file itself. */
    readonly key: string;
    /** Whether they are running averages of a training. */
    readonly averaged: boolean;
    /** Whether the file holds others. */
    readonly others: boolean;
  };
}
