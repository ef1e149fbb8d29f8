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

/** Ends a command line that cannot be read: exit 2. */
export function endUsage(io: Io, options: ScreenOptions, message: string, hints: readonly string[]): number {
  return endWith(io, options, usageError(message, ...hints, 'pushgate --help   lists every command and flag'));
}
