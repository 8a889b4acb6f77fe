/** The layers that a program can have; each is one file in `ops/`. */
export type OpName =
  | 'add'
  | 'addVector'
  | 'attention'
  | 'binomial'
  | 'concat'
  | 'conv2d'
  | 'dense'
  | 'downsample'
  | 'groupNorm'
  | 'lookup'
  | 'maxPool'
  | 'pixelShuffle'
  | 'pixelUnshuffle'
  | 'relu'
  | 'scaleShift'
  | 'silu'
  | 'standardize'
  | 'tanh'
  | 'timeEmbedding'
  | 'timeMap'
  | 'unitFeatures'
  | 'upsample';

/** One layer: its operation, the values it takes, the weights it owns. Plain JSON. */
export interface Layer {
  /** The name of the value it makes. */
  readonly name: string;
  /** What it computes. */
  readonly op: OpName;
  /** Names of layers, or of inputs: `x`, and `t`, `label` or `kernel`. */
  readonly inputs: readonly string[];
  /** Weight names by their role, e.g. `{ filter, bias }`. */
  readonly weights?: Readonly<Record<string, string>>;
  /** Numbers that fix the operation, e.g. `{ groups: 32 }`. */
  readonly attributes?: Readonly<Record<string, number>>;
}

/** Layers in the order they run; a block is recomputed as a whole, or not (gradient checkpointing). */
export interface Program {
  /** The layers, block by block. */
  readonly blocks: readonly (readonly Layer[])[];
  /** The layer whose value is that of the network. */
  readonly output: string;
}
