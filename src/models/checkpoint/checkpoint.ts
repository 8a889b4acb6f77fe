/** One tensor of a checkpoint; its numbers stay in the file until they are asked for. */
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
export interface Checkpoint {
  /** How the file is laid out. */
  readonly format: 'safetensors' | 'pytorch-zip' | 'pytorch-legacy';
  /** What a safetensors file says of itself; empty for PyTorch's formats. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The tensors by name, in the order of the file. */
  readonly tensors: ReadonlyMap<string, CheckpointTensor>;
}
