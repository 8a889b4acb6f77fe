/** Longest message in characters. */
const longest = 300;

/** What moves the cursor, hides text or turns it round on a terminal. */
const hidden =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is escaped.
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

const escaped = (letter: string): string =>
  `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;

/**
 * A text as one line for a terminal: line breaks become spaces, other control characters are escaped,
 * and of more than 300 characters the middle is cut out.
 */
export function oneLine(text: string): string {
  const line = text.replace(/\s*[\r\n]\s*/g, ' ').replace(hidden, escaped);
  if (line.length <= longest) return line;
  const head = Math.ceil(longest * 0.6);
  return `${line.slice(0, head)} … ${line.slice(head + 3 - longest)}`;
}
