#!/usr/bin/env node
// The pre-commit hook: checks configuration and allowlist, without a run.
import { start } from '../src/cli/start.ts';

await start(['hook', 'pre-commit', ...process.argv.slice(2)]);
