import { processIo, type Io } from '../system/io.ts';
import { buildProgram, CommanderError } from './program.ts';

const BUG = 70;

/** Words for an end without a verdict; most command lines end with one, and a push of nothing should not wait for them. */
const endings = () => import('../commands/end.ts');

/** Runs one command line and returns its exit code. Every end without a verdict says what it is and what to do, as JSON when that was asked for. */
export async function run(args: readonly string[]): Promise<number> {
  const io = processIo();
  const options = { json: args.includes('--json') };
  let exitCode = BUG;
  const program = buildProgram(io, (code) => {
    exitCode = code;
  });
  const names = ['help', ...program.commands.map((command) => command.name())];
  const [first = '-'] = args;
  // Commander would take a mistyped command for an argument of the default one.
  if (!first.startsWith('-') && !names.includes(first)) return (await endings()).endUnknownCommand(io, options, first, names);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (thrown) {
    return thrown instanceof CommanderError ? endCommander(io, options, thrown) : (await endings()).endWith(io, options, thrown);
  }
}

/** Commander throws to stop after `--help`, and for a command line it cannot read; hints such as "(Did you mean …?)" follow its message. */
async function endCommander(io: Io, options: { json: boolean }, error: CommanderError): Promise<number> {
  if (error.exitCode === 0) return 0;
  const [message = '', ...hints] = error.message.replace(/^error: /, '').split('\n');
  const sentence = `${message.charAt(0).toUpperCase()}${message.slice(1)}`;
  return (await endings()).endUsage(
    io,
    options,
    sentence,
    hints.map((hint) => hint.replace(/^\((.*)\)$/, '$1')),
  );
}
