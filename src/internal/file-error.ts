const longestMessage = 300;
const longestName = 120;
const longestQuote = 80;

const codeOf = (character: string): string =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

// Control characters, and those that turn the direction of a line or hide in it.
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

const escaped = (text: string): string =>
  text.replace(unsafe, (character) => [...character].map(codeOf).join(''));

/**
 * Text from outside (a file, an option) for a message: one line, without control characters, at most
 * `longest` characters.
 */
export function plainText(text: string, longest = longestMessage): string {
  // Escaping makes text longer, and a file may hold gigabytes of it: it is cut before and after.
  const line = escaped(text.slice(0, longest + 1));
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
}

/** Quotes text from outside in a message, at most 80 characters of it. */
export const quote = (text: string): string => {
  const short = text.length > longestQuote ? `${text.slice(0, longestQuote)}…` : text;
  return escaped(JSON.stringify(short));
};

/** The name of a file in a message: its end, where it is long. */
function nameOf({ name }: { readonly name: string }): string {
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
