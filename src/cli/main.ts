#!/usr/bin/env node
import { run } from './run';

// Whoever reads the output may have enough of it, as `head -1`; the run goes on and writes its result.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });

process.exitCode = await run(process.argv.slice(2));
// What was interrupted is still at work.
if (process.exitCode === 130) process.exit();
