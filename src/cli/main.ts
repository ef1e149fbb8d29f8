#!/usr/bin/env node
// Set before anything can fail: only a verdict that was reached changes it, so a lost promise is never green.
process.exitCode = 70;

// Node would end with 1, which here means judged and failed.
process.on('uncaughtException', (error) => {
  process.stderr.write(`✖ ${error.stack ?? error.message}\n\nNot judged: this is a bug in pushgate. (exit 70)\n`);
  process.exit(70);
});

const [, , first, ...rest] = process.argv;
if ((first === '--version' || first === '-V') && rest.length === 0) {
  const { version } = await import('../version.ts');
  process.stdout.write(`${version()}\n`);
  process.exitCode = 0;
} else {
  const { run } = await import('./run.ts');
  process.exitCode = await run(process.argv.slice(2));
}
