import { vi } from 'vitest';
import { run } from '../../src/cli/run';

/** What a run of the command printed, with `<root>` in the place of a folder. */
export interface Ran {
  readonly code: number;
  /** Lines of stdout. */
  readonly out: string;
  /** Lines of stderr. */
  readonly err: string;
  /** All lines, in order. */
  readonly said: string;
}

/** Runs the command inside the test. */
export async function runCommand(root: string, ...args: string[]): Promise<Ran> {
  const text = { out: '', err: '', said: '' };
  const take = (name: 'out' | 'err') => (data: unknown) => {
    const line = `${String(data).trim()}\n`.replaceAll(root, '<root>');
    text[name] += line;
    text.said += line;
    return true;
  };
  const spies = [
    vi.spyOn(console, 'log').mockImplementation(take('out')),
    vi.spyOn(console, 'error').mockImplementation(take('err')),
    vi.spyOn(process.stderr, 'write').mockImplementation(take('err')),
  ];
  const code = await run(args);
  for (const spy of spies) spy.mockRestore();
  return { code, ...text };
}
