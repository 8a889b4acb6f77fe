/** Longest message in characters: 300 with `spgd: ` before it. */
const longest = 294;

/** Control characters, and those that change the direction of a line or hide in it. */
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

const escaped = (letter: string): string =>
  `\\u${letter.codePointAt(0)!.toString(16).padStart(4, '0')}`;

/** A text as one line for a terminal: line breaks become spaces, control characters are escaped. */
export const printable = (text: string): string =>
  text.replace(/\s*[\r\n]\s*/g, ' ').replace(unsafe, escaped);

/** A printable text of at most 294 characters: of a longer one the middle is cut out. */
export function oneLine(text: string): string {
  const line = printable(text);
  if (line.length <= longest) return line;
  const head = Math.ceil(longest * 0.6);
  return `${line.slice(0, head)} … ${line.slice(head + 3 - longest)}`;
}

/** Prints a line; what came from a file cannot control the terminal. */
export const say = (line: string): void => console.log(printable(line));
