import { InvalidArgumentError } from 'commander';

const parseNumber = (text: string, valid: (value: number) => boolean, rule: string): number => {
  const value = text.trim() === '' ? NaN : Number(text);
  if (!valid(value)) throw new InvalidArgumentError(`It must be ${rule}, got ${text}.`);
  return value;
};

/** Reads an integer of at least `least`. */
export const integer =
  (least: number) =>
  (text: string): number =>
    parseNumber(
      text,
      (value) => Number.isSafeInteger(value) && value >= least,
      least === -Infinity ? 'an integer' : `an integer >= ${least}`,
    );

/** Reads the side of an image: from 16 to 256, in steps of 4, as the bundled prior takes it. */
export const side = (text: string): number =>
  parseNumber(
    text,
    (value) => value >= 16 && value <= 256 && value % 4 === 0,
    'a multiple of 4 from 16 to 256',
  );

/** Reads a finite number > 0. */
export const positive = (text: string): number =>
  parseNumber(text, (value) => Number.isFinite(value) && value > 0, 'a number > 0');

/** Reads a size such as `256x320`: height, then width. */
export function heightByWidth(text: string): [number, number] {
  const [, height, width] = /^([1-9]\d{0,5})x([1-9]\d{0,5})$/.exec(text) ?? [];
  if (!height || !width)
    throw new InvalidArgumentError(
      `It must be HEIGHTxWIDTH in pixels, such as 256x320, got ${text}.`,
    );
  return [Number(height), Number(width)];
}

/** Reads a finite number >= 0. */
export const notNegative = (text: string): number =>
  parseNumber(text, (value) => Number.isFinite(value) && value >= 0, 'a number >= 0');
