import type { ScreenOptions } from '../commands/screen.ts';
import { processIo, type Io } from '../system/io.ts';
import { buildProgram, CommanderError } from './program.ts';

const BUG = 70;

/** Words for an end without a verdict; most command lines end with one, and a push of nothing should not wait for them. */
const endings = () => import('../commands/end.ts');

/** Runs one command line and returns its exit code. Every end without a verdict says what it is and what to do, as JSON when that was asked for. */
export async function run(args: readonly string[]): Promise<number> {
  const io = processIo();
  let exitCode = BUG;
  const program = buildProgram(io, (code) => {
    exitCode = code;
  });
  const names = ['help', ...program.commands.map((command) => command.name())];
  const options = optionsOf(args, names);
  const [first = '-'] = args;
  // Commander would take a mistyped command for an argument of the default one.
  if (!first.startsWith('-') && !names.includes(first)) return (await endings()).endUnknownCommand(io, options, first, names);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) return (await endings()).endWith(io, options, thrown);
    const behind = thrown.code === 'commander.excessArguments' && first.startsWith('-') ? operandOf(args) : undefined;
    return behind === undefined ? endCommander(io, options, thrown) : (await endings()).endCommandBehindFlags(io, options, behind, names);
  }
}

/** What the last line says to do again, where git called. */
const HOOKS: Readonly<Record<string, string>> = { 'pre-commit': 'commit again', 'pre-push': 'push again' };

/** How an end without a verdict is shown: it has to be known also where the command line cannot be read. */
function optionsOf(args: readonly string[], names: readonly string[]): ScreenOptions {
  const [verb = '', hook = ''] = args.filter((arg) => !arg.startsWith('-'));
  const color = args.includes('--no-color') ? false : args.includes('--color') ? true : undefined;
  const again = verb === 'hook' ? HOOKS[hook] : names.includes(verb) ? `run pushgate ${verb} again` : undefined;
  return { json: args.includes('--json'), color, again };
}

/** What stands behind the flags of the default command where a command was meant. */
function operandOf(args: readonly string[]): string | undefined {
  return args.find((arg, at) => !arg.startsWith('-') && args[at - 1] !== '--config');
}

/** Commander throws to stop after `--help`, and for a command line it cannot read; hints such as "(Did you mean …?)" follow its message. */
async function endCommander(io: Io, options: ScreenOptions, error: CommanderError): Promise<number> {
  if (error.exitCode === 0 || error.code === 'commander.help') return 0;
  const [message = '', ...hints] = error.message.replace(/^error: /, '').split('\n');
  const sentence = `${message.charAt(0).toUpperCase()}${message.slice(1)}`;
  return (await endings()).endUsage(
    io,
    options,
    sentence,
    hints.map((hint) => hint.replace(/^\((.*)\)$/, '$1')),
  );
}
