#!/usr/bin/env node
// Set before anything can fail: only a verdict that was reached changes it, so a lost promise is never green.
process.exitCode = 70;

const [, , first, ...rest] = process.argv;
if ((first === '--version' || first === '-V') && rest.length === 0) {
  const { version } = await import('../version.ts');
  process.stdout.write(`${version()}\n`);
  process.exitCode = 0;
} else {
  const { run } = await import('./run.ts');
  process.exitCode = await run(process.argv.slice(2));
}
