import { escaped, plainText } from '../internal/plain-text';

/** An error that what the user gave caused, in one line: a missing file, a file of the wrong kind. */
export function inputError(message: string, cause?: unknown): Error {
  return Object.assign(new Error(escaped(message), { cause }), { name: 'InputError' });
}

/** The code of a file system error, such as `ENOENT`; undefined for anything else. */
export const errorCode = (error: unknown): string | undefined =>
  (error as NodeJS.ErrnoException | undefined)?.code;

const readings: Record<string, string> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'it may not be read (permission denied)',
  EPERM: 'it may not be read (permission denied)',
};

/** Why a file could not be read, as the end of a sentence. */
export function readFailure(error: unknown): string {
  return readings[errorCode(error) ?? ''] ?? firstLine(error);
}

const writings: Record<string, string> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the disk is read-only',
  ENOSPC: 'no space is left on the disk',
  EDQUOT: 'the quota of the disk is used up',
  EISDIR: 'it is a folder',
};

/** Why a file could not be written, as the end of a sentence. */
export function writeFailure(error: unknown): string {
  return writings[errorCode(error) ?? ''] ?? firstLine(error);
}

/** The message of anything thrown, cut to its first line and to 160 characters. */
export function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return plainText(message.split('\n', 1)[0]!.trim(), 160);
}
