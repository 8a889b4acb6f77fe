/** Shows a value in an error message. */
const show = (value: unknown): string =>
  Array.isArray(value) ? `[${value.map(show).join(', ')}]` : String(value);

/** `RangeError: owner: option must be rule, got value`, unless `valid`. */
export function checkRange(
  valid: boolean,
  owner: string,
  option: string,
  rule: string,
  value: unknown,
): void {
  if (!valid) throw new RangeError(`${owner}: ${option} must be ${rule}, got ${show(value)}`);
}

/** `TypeError: owner: option must be kind, got value`, unless `valid`. */
export function checkType(
  valid: boolean,
  owner: string,
  option: string,
  kind: string,
  value: unknown,
): void {
  if (!valid) throw new TypeError(`${owner}: ${option} must be ${kind}, got ${show(value)}`);
}

/** A finite number greater than 0. */
export function checkPositive(owner: string, option: string, value: number): void {
  checkRange(Number.isFinite(value) && value > 0, owner, option, 'a number > 0', value);
}

/** An integer of at least `least`. */
export function checkInteger(owner: string, option: string, value: number, least: number): void {
  checkRange(
    Number.isInteger(value) && value >= least,
    owner,
    option,
    `an integer >= ${least}`,
    value,
  );
}
