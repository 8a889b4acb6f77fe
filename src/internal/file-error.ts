import { escaped, plainText } from './plain-text';

const longestName = 120;

/** The name of a file in a message: its end, where it is long. */
export function nameOf({ name }: { readonly name: string }): string {
  const line = escaped(name);
  return line.length > longestName ? `…${line.slice(1 - longestName)}` : line;
}

/** An `InputError` that begins with the name of the file: one line of at most 300 characters. */
export const fileError = (file: { readonly name: string }, sentence: string): Error =>
  Object.assign(new Error(plainText(`${nameOf(file)}: ${sentence}`)), { name: 'InputError' });

/** What to do about a file that needs the code of its author. */
export const saveStateDict = 'save the state dict with torch.save(model.state_dict(), path)';

/** `kind` for what a library threw while it read the file; errors that name the file pass. */
export function becauseOf(file: { readonly name: string }, kind: string, error: unknown): Error {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof Error && message.startsWith(`${nameOf(file)}: `)) return error;
  return fileError(file, `${kind} (${message})`);
}
