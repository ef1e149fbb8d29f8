#!/usr/bin/env node
// Finds new slow tests beside the KNOWN_SLOW allowlist, and entries that no longer hold.
import { start } from '../src/cli/start.ts';

await start(['slow', ...process.argv.slice(2)]);
