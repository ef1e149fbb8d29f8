#!/usr/bin/env node
// The pre-commit hook: checks configuration and allowlist, without a run.
import { run } from '../src/cli/run.ts';

process.exitCode = 70;
process.exitCode = await run(['hook', 'pre-commit', ...process.argv.slice(2)]);
