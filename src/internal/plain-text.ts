const longestMessage = 300;
const longestQuote = 80;

const codeOf = (character: string): string =>
  `\\u${character.codePointAt(0)!.toString(16).padStart(4, '0')}`;

// Control characters, and those that turn the direction of a line or hide in it.
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Text with control characters shown as `\u001b`. */
export const escaped = (text: string): string => text.replace(unsafe, codeOf);

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
