#!/usr/bin/env node
import { followGuard, guard, needsGuard } from './guard';

// Whoever reads the output may have enough of it, as `head -1`; the run goes on and writes its result.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });

const args = process.argv.slice(2);
if (needsGuard(args)) process.exitCode = await guard(args);
else {
  followGuard();
  const { run } = await import('./run');
  process.exitCode = await run(args);
}
// What was interrupted is still at work.
if (process.exitCode === 130) process.exit();
