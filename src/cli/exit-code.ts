import { CommanderError } from 'commander';
import { oneLine } from './one-line';

const codes: Record<string, number> = {
  RangeError: 2,
  TypeError: 2,
  InputError: 2,
  AbortError: 130,
};

/** 0 for help, 2 for wrong usage or input, 130 for Ctrl-C, 1 for any other failure. */
export function exitCode(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const { name } = error as Partial<Error>;
  return codes[name ?? ''] ?? 1;
}

/** The error in one line, or with its stack. */
export function describeError(error: unknown, debug: boolean): string {
  if (!(error instanceof Error)) return oneLine(String(error));
  if (error.name === 'AbortError') return 'interrupted';
  return debug ? (error.stack ?? error.message) : oneLine(error.message);
}

/** Runs `work`; its errors that begin with the name of the input file are the user's to correct. */
export async function blaming<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && error.message.startsWith(`${file}: `)) error.name = 'InputError';
    throw error;
  }
}
