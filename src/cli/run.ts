import { CommanderError } from 'commander';
import { describeError, exitCode } from './exit-code';
import { spgdProgram } from './program';

/** Runs `spgd` with these arguments, prints what goes wrong, and gives the exit code. */
export async function run(args: readonly string[]): Promise<number> {
  const program = spgdProgram();
  try {
    await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    // Commander has printed its own errors already.
    if (!(error instanceof CommanderError))
      console.error(`spgd: ${describeError(error, Boolean(program.opts().debug))}`);
    return exitCode(error);
  }
}
