#!/usr/bin/env node
// The pre-push hook: judges the suite before anything leaves the machine.
import { run } from '../src/cli/run.ts';

process.exitCode = 70;
process.exitCode = await run(['hook', 'pre-push', ...process.argv.slice(2)]);
