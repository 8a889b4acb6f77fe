const given = new Set<string>();

/** Prints a warning, once for each subject. */
export function warnOnce(subject: string, text: string): void {
  if (given.has(subject)) return;
  given.add(subject);
  console.warn(text);
}
