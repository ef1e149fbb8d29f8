#!/usr/bin/env node
// Finds new slow tests beside the KNOWN_SLOW allowlist, and entries that no longer hold.
import { run } from '../src/cli/run.ts';

process.exitCode = 70;
process.exitCode = await run(['slow', ...process.argv.slice(2)]);
