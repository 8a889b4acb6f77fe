import type { Layer, Program } from './layer';

/** A program, with what follows from it before it runs. */
export interface CompiledProgram extends Program {
  /** Values that depend on x: the others have no gradient. */
  readonly onPath: ReadonlySet<string>;
  /** How often each value is taken. */
  readonly uses: ReadonlyMap<string, number>;
}

/** How often the layers of a block take each value. */
export function countUses(block: readonly Layer[]): Map<string, number> {
  const uses = new Map<string, number>();
  for (const name of block.flatMap(({ inputs }) => inputs)) {
    uses.set(name, (uses.get(name) ?? 0) + 1);
  }
  return uses;
}

/** Finds which values depend on x, and how often each is used. */
export function compileProgram(program: Program): CompiledProgram {
  const layers = program.blocks.flat();
  const onPath = new Set(['x']);
  for (const { name, inputs } of layers) {
    if (inputs.some((input) => onPath.has(input))) onPath.add(name);
  }
  const uses = countUses(layers);
  uses.set(program.output, (uses.get(program.output) ?? 0) + 1);
  return { ...program, onPath, uses };
}
