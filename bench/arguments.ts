/** A list typed with commas. */
export const byComma = (text: string): string[] => text.split(',');

/** A value of an option: a number where it is one, else a name. */
export const asNumber = (text: string): number | string =>
  Number.isNaN(Number(text)) ? text : Number(text);
