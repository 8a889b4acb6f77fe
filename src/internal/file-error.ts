/** An error that begins with the name of the file. */
export const fileError = (file: { readonly name: string }, sentence: string): Error =>
  new Error(`${file.name}: ${sentence}`);

/** What to do about a file that needs the code of its author. */
export const saveStateDict = 'save the state dict with torch.save(model.state_dict(), path)';

/** Quotes text of a file in a message, shortened: a hostile file must not flood a terminal. */
export const quote = (text: string): string =>
  JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);

/** `kind` for what a library threw while it read the file; errors that name the file pass. */
export function becauseOf(file: { readonly name: string }, kind: string, error: unknown): Error {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof Error && message.startsWith(`${file.name}: `)) return error;
  return fileError(file, `${kind} (${message})`);
}
