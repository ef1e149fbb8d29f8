#!/usr/bin/env node
// Holds the coverage of one run against its floor, baseline, target and per-file limits.
import { start } from '../src/cli/start.ts';

await start(['coverage', ...process.argv.slice(2)]);
