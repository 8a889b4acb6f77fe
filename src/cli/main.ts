#!/usr/bin/env node
import { run } from './run';

process.exitCode = await run(process.argv.slice(2));
// What was interrupted is still at work.
if (process.exitCode === 130) process.exit();
