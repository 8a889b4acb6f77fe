import { expect } from 'vitest';

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** A text that holds these parts in this order, and ends with the last. */
export const naming = (...parts: readonly string[]): RegExp =>
  new RegExp(`${parts.map(escaped).join('[^]*?')}$`);

/**
 * For `toThrow`: an error of this name whose message names the option, the rule and the value, in this
 * order; the words between them are free.
 *
 *   expect(() => gaussianBlur({ kernelSize: 60 })).toThrow(
 *     errorNaming('RangeError', 'gaussianBlur: kernelSize', 'odd', '>= 3', 'got 60'),
 *   );
 */
export const errorNaming = (name: string, ...parts: readonly string[]): Error =>
  expect.objectContaining({ name, message: expect.stringMatching(naming(...parts)) });
