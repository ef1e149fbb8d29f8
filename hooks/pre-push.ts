#!/usr/bin/env node
// The pre-push hook: judges the suite before anything leaves the machine.
import { start } from '../src/cli/start.ts';

await start(['hook', 'pre-push', ...process.argv.slice(2)]);
