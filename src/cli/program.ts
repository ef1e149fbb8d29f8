import { Command, CommanderError, Option } from 'commander';
import { usageError } from '../model/error.ts';
import type { Gate } from '../model/policy.ts';
import type { Io } from '../system/io.ts';
import { version } from '../version.ts';

/** Everything the flags of all commands may set; each command declares its own. */
type Flags = Record<string, never>;
type Done = (exitCode: number) => void;

/** What parsing throws: to stop after `--help`, and for a command line it cannot read. */
export { CommanderError };

const ONE_GATE: readonly { name: string; gate: Gate; says: string }[] = [
  { name: 'coverage', gate: 'coverage', says: 'judge coverage only' },
  { name: 'budget', gate: 'suite', says: 'judge the time of the whole suite only (run without coverage)' },
  { name: 'slow', gate: 'slow', says: 'judge slow tests and the allowlist only (run without coverage)' },
];

/** The command line. `done` receives the exit code of the command that ran; heavy parts are loaded when a command needs them. */
export function buildProgram(io: Io, done: Done): Command {
  const program = new Command('pushgate')
    .description('Runs the test suite once, instrumented, and judges coverage, time, slow tests, skips and flakes.')
    .version(version(), '-V, --version')
    .exitOverride()
    .configureOutput({ writeOut: io.stdout.write, writeErr: () => {} })
    .enablePositionalOptions()
    .showSuggestionAfterError();
  const inherit = (command: Command): Command => command.copyInheritedSettings(program);

  const checkCommand = (name: string, says: string, gates?: readonly Gate[]): Command => {
    const command = screenFlags(inherit(new Command(name)).description(says))
      .option('--pass-on-unpruned', 'note allowlist entries that are no longer needed instead of failing on them')
      .option('--no-stamp', 'run the suite also when exactly the same has passed before');
    const isInstrumented = gates === undefined || gates.includes('coverage');
    return (isInstrumented ? incrementalFlags(command) : command).action(async (flags: Flags) => {
      const { check } = await import('../commands/check.ts');
      done(await check(io, { ...flags, gates, again: `run pushgate ${name} again` }));
    });
  };

  program.addCommand(checkCommand('check', 'run the suite once and judge everything (the default)'), { isDefault: true });
  for (const { name, gate, says } of ONE_GATE) program.addCommand(checkCommand(name, says, [gate]));
  program.addCommand(auditCommand(inherit(new Command('audit')), io, done));
  program.addCommand(explainCommand(inherit(new Command('explain')), io, done));
  program.addCommand(allowCommand(inherit(new Command('allow')), io, done));
  program.addCommand(
    colourFlags(
      projectFlags(
        inherit(new Command('config')).description(
          'print the merged configuration, where each value comes from, and what was understood of the test script',
        ),
      ),
    )
      .option('--json', 'one JSON document on standard output')
      .action(async (flags: Flags) => {
        const { config } = await import('../commands/config.ts');
        done(await config(io, flags));
      }),
  );
  program.addCommand(initCommand(inherit(new Command('init')), io, done));
  program.addCommand(doctorCommand(inherit(new Command('doctor')), io, done));
  program.addCommand(hookCommand(inherit(new Command('hook')), io, done));
  return program;
}

/** Only a run under coverage is kept. */
function incrementalFlags(command: Command): Command {
  return command
    .addOption(new Option('--full', 'run every test file, also those that nothing has changed for').conflicts('incremental'))
    .option('--incremental', 'run only what changes can have touched, in CI too')
    .option('--why', 'list every test file that ran again, and why')
    .option('--verify', 'run incrementally and in full, and hold the two against each other')
    .option('--verify-sample <n>', 'run n test files more than needed, and compare', wholeNumber('--verify-sample'));
}

function projectFlags(command: Command): Command {
  return command.option('--config <file>', 'configuration file to use instead of pushgate.jsonc');
}

function screenFlags(command: Command): Command {
  return colourFlags(
    projectFlags(command)
      .option('--json', 'one JSON document on standard output and nothing else')
      .option('--verbose', "let the test runner's own output through")
      .option('--quiet', 'print nothing on a pass, headlines only on a failure'),
  );
}

function colourFlags(command: Command): Command {
  return command.option('--color', 'colour the output').option('--no-color', 'do not colour the output');
}

const wholeNumber =
  (flag: string) =>
  (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < 1) throw usageError(`${flag} takes a whole number from 1, not '${text}'.`);
    return value;
  };

const wholeNumbers =
  (flag: string) =>
  (text: string): number[] =>
    text.split(',').map((part) => wholeNumber(flag)(part.trim()));

function auditCommand(command: Command, io: Io, done: Done): Command {
  return screenFlags(
    command.description('measure the suite: where its time goes and why, against budget, limit and allowlist; what is unsteady about it'),
  )
    .option('--repeat <n>', 'run the suite n times and show what differs: outcomes, times, memory', wholeNumber('--repeat'))
    .option('--coverage', 'run it under coverage; with --repeat, list the lines that do not run each time')
    .option('--workers <list>', 'run the suite on each of these numbers of workers too: 1,2,4', wholeNumbers('--workers'))
    .option('--no-explain', 'leave out where the time of the slowest tests goes')
    .option('--html <file>', 'write the audit to a file too, as one HTML page')
    .option('--top <n>', 'how many of the slowest files and tests to list', wholeNumber('--top'))
    .action(async (flags: Flags) => {
      const { audit } = await import('../commands/audit.ts');
      done(await audit(io, flags));
    });
}

function explainCommand(command: Command, io: Io, done: Done): Command {
  return screenFlags(
    command
      .description('run a test alone and show where its time goes; or tell what a finding means')
      .argument('[test...]', 'file:line, file, title of a test, or the code of a finding'),
  ).action(async (targets: string[], flags: Flags) => {
    const { explain } = await import('../commands/explain.ts');
    done(await explain(io, { ...flags, targets }));
  });
}

function allowCommand(command: Command, io: Io, done: Done): Command {
  return colourFlags(
    projectFlags(command)
      .description('accept a slow test, or look after the list of accepted ones')
      .argument('[test...]', 'title of the test, or file:line'),
  )
    .option('--reason <text>', 'why it has to be slow (required for a new entry)')
    .option('--ceiling <duration>', 'the time it may take, such as 15s; by default what it took and a quarter more')
    .option('--owner <who>', 'who looks after it')
    .option('--expires <date>', 'last day on which it is accepted, YYYY-MM-DD')
    .addOption(new Option('--list', 'list the accepted slow tests').conflicts(['prune', 'check']))
    .addOption(new Option('--prune', 'drop entries that are no longer needed and lower ceilings; never adds or raises').conflicts('check'))
    .option('--dry-run', 'with --prune: print what would change')
    .option('--check', 'only validate the file')
    .action(async (tests: string[], flags: Flags) => {
      const { allow } = await import('../commands/allow.ts');
      done(await allow(io, { ...flags, tests }));
    });
}

function initCommand(command: Command, io: Io, done: Done): Command {
  const tools = new Option('--hooks <tool>', 'what starts the hooks; by default what does today, else husky');
  command
    .description('set pushgate up: run the suite once, and write a policy that holds what holds today, and the hooks')
    .option('--yes', 'ask nothing')
    .option('--dry-run', 'print what would change, and write nothing')
    .addOption(tools.choices(['husky', 'lefthook', 'git', 'none']))
    .option('--verbose', "let the test runner's own output through");
  return colourFlags(command).action(async (flags: Flags) => {
    const { init } = await import('../commands/init.ts');
    done(await init(io, flags));
  });
}

function doctorCommand(command: Command, io: Io, done: Done): Command {
  command
    .description('look for whatever keeps the gate from judging a push here')
    .option('--json', 'one JSON document on standard output and nothing else');
  return colourFlags(command).action(async (flags: Flags) => {
    const { doctor } = await import('../commands/doctor.ts');
    done(await doctor(io, flags));
  });
}

function hookCommand(command: Command, io: Io, done: Done): Command {
  return command
    .description('what the git hooks call')
    .argument('<name>', 'pre-commit or pre-push')
    .argument('[args...]', 'what git hands to the hook')
    .passThroughOptions()
    .action(async (name: string, args: string[]) => {
      const { hook } = await import('../commands/hook.ts');
      done(await hook(io, name, args));
    });
}
