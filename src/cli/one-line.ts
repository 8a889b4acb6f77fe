/** Longest message in characters. */
const longest = 300;

/** Control characters, and those that change the direction of a line or hide in it. */
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

const escaped = (letter: string): string =>
  `\\u${letter.codePointAt(0)!.toString(16).padStart(4, '0')}`;

/**
 * A text as one line for a terminal: line breaks become spaces, other control characters are escaped,
 * and of more than 300 characters the middle is cut out.
 */
export function oneLine(text: string): string {
  const line = text.replace(/\s*[\r\n]\s*/g, ' ').replace(unsafe, escaped);
  if (line.length <= longest) return line;
  const head = Math.ceil(longest * 0.6);
  return `${line.slice(0, head)} … ${line.slice(head + 3 - longest)}`;
}
