import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** How a program ended, and all that it printed. */
export interface ToolResult {
  readonly ok: boolean;
  /** No such program. */
  readonly missing: boolean;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

/** How a program is run. */
export interface ToolOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
}

/** Runs a program to its end; only an abort rejects. */
export async function runTool(
  command: string,
  args: readonly string[],
  { signal, ...options }: ToolOptions = {},
): Promise<ToolResult> {
  signal?.throwIfAborted();
  const stdio: ['ignore', 'pipe', 'pipe'] = ['ignore', 'pipe', 'pipe'];
  const child = spawn(command, args, { ...options, stdio, ...(signal && { signal }) });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => {
      output += data;
    });
  try {
    const [code, ended] = await once(child, 'close');
    return { ok: code === 0, missing: false, signal: ended, output };
  } catch (error) {
    signal?.throwIfAborted();
    return { ok: false, missing: true, signal: null, output: String(error) };
  }
}
