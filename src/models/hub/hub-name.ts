import { checkType } from '../../internal/check';
import { fileError } from '../../internal/file-error';

/** A model of the hub. */
export interface HubName {
  /** As it was given: what errors call it. */
  readonly name: string;
  readonly owner: string;
  readonly model: string;
  /** A branch, a tag or a commit. */
  readonly revision: string;
}

const scheme = 'hf:';
const word = /^(?!\.{1,2}$)[A-Za-z0-9_.-]{1,96}$/;

/** Whether an address names a model of the hub. */
export const isHubName = (text: unknown): text is string =>
  typeof text === 'string' && text.startsWith(scheme);

/** Whether a text is one segment of a path that stays where it is. */
export const isPlainSegment = (text: string): boolean => word.test(text);

/**
 * Reads `hf:owner/name` or `hf:owner/name@revision`. Names become parts of addresses and of paths in
 * the cache: letters, digits, `_`, `.` and `-`, and nothing that leads elsewhere.
 */
export function parseHubName(text: string): HubName {
  checkType(isHubName(text), 'hubHandler', 'name', `a string that begins with ${scheme}`, text);
  const [path = '', revision = 'main', ...more] = text.slice(scheme.length).split('@');
  const parts = path.split('/');
  const valid =
    parts.length === 2 && more.length === 0 && [...parts, revision].every(isPlainSegment);
  if (!valid) {
    const form = `${scheme}owner/name or ${scheme}owner/name@revision`;
    throw fileError({ name: text }, `must be ${form}, of letters, digits, _, . and -`);
  }
  return { name: text, owner: parts[0]!, model: parts[1]!, revision };
}
