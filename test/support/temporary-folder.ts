import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'spgd-tests-'));

/** What all tests write lies in one folder. */
export function setup(): void {
  process.env.TMPDIR = folder;
}

/** The folder ends with the tests. */
export function teardown(): void {
  rmSync(folder, { recursive: true, force: true });
}
