import { NEEDED_NODE, runsOn } from '../model/node-version.ts';

/**
 * Runs a command line as the process that it is, to its exit code. Nothing but what any Node can load is imported before its version is known:
 * a hook is started with whatever Node the terminal or window of the push has.
 */
export async function start(args: readonly string[]): Promise<void> {
  // Set before anything can fail: only a verdict that was reached changes it, so a lost promise is never green.
  process.exitCode = 70;
  // Node would end with 1, which here means judged and failed.
  process.on('uncaughtException', (error) => {
    process.stderr.write(`✖ ${error.stack ?? error.message}\n\nNot judged: this is a bug in pushgate. (exit 70)\n`);
    process.exit(70);
  });
  const [first] = args;
  if (args.length === 1 && (first === '--version' || first === '-V')) {
    const { version } = await import('../version.ts');
    process.stdout.write(`${version()}\n`);
    process.exitCode = 0;
  } else if (runsOn(process.versions.node)) {
    const { run } = await import('./run.ts');
    process.exitCode = await run(args);
  } else {
    process.stderr.write(
      `✖ This is Node ${process.versions.node}; pushgate needs ${NEEDED_NODE}.\n\n` +
        `  → Install a current Node, or put it first on the PATH of what started this: here it is ${process.execPath}\n\n` +
        'Could not judge: nothing has run. (exit 3)\n',
    );
    process.exitCode = 3;
  }
}
