#!/usr/bin/env node
// Holds the coverage of one run against its floor, baseline, target and per-file limits.
import { run } from '../src/cli/run.ts';

process.exitCode = 70;
process.exitCode = await run(['coverage', ...process.argv.slice(2)]);
