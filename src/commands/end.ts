import { nearest } from '../formats/did-you-mean.ts';
import { EXIT, PushgateError, usageError } from '../model/error.ts';
import type { Io } from '../system/io.ts';
import { showError, type ScreenOptions } from './screen.ts';

/** Ends a command that reached no verdict: shows what was thrown and returns the exit code that says which kind of end it is. */
export function endWith(io: Io, options: ScreenOptions, thrown: unknown): number {
  const exitCode = thrown instanceof PushgateError ? thrown.exitCode : EXIT.bug;
  // Ctrl-C: the person knows; a report would only stand between them and the prompt.
  if (exitCode < 128 || options.json === true) showError(io, options, thrown);
  return exitCode;
}

/** Ends a command line with a command that does not exist: exit 2, with the nearest that does. */
export function endUnknownCommand(io: Io, options: ScreenOptions, name: string, commands: readonly string[]): number {
  const meant = nearest(name, commands);
  return endUsage(io, options, `Unknown command '${name}'.`, meant === null ? [] : [`Did you mean ${meant}?`]);
}

/** Ends a command line whose flags stand before what is taken for its command: exit 2. */
export function endCommandBehindFlags(io: Io, options: ScreenOptions, name: string, commands: readonly string[]): number {
  if (!commands.includes(name)) return endUnknownCommand(io, options, name, commands);
  return endUsage(io, options, `The command '${name}' stands behind flags.`, [`pushgate ${name} …   takes them behind it`]);
}

/** Ends a command line that cannot be read: exit 2. */
export function endUsage(io: Io, options: ScreenOptions, message: string, hints: readonly string[]): number {
  return endWith(io, options, usageError(message, ...hints, 'pushgate --help   lists every command and flag'));
}
