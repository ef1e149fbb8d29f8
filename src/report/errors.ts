import { EXIT, PushgateError } from '../model/error.ts';
import { clean, cleanLines } from './units.ts';

/** Anything thrown, as what is shown of it. What is not a `PushgateError` is a bug of ours (exit 70). */
export type ErrorWords = {
  readonly exitCode: number;
  readonly message: string;
  readonly advice: readonly string[];
  /** Where a bug was thrown; empty for an error that was meant. */
  readonly trace: readonly string[];
};

/** Words anything that was thrown. */
export function errorWords(error: unknown): ErrorWords {
  if (error instanceof PushgateError) {
    const message = cleanMessage(error.message);
    return { exitCode: error.exitCode, message, advice: error.advice.map((line) => clean(line, 500)), trace: [] };
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return {
    exitCode: EXIT.bug,
    message: clean(message, 500),
    advice: ['Report it with the lines above and the output of  pushgate --version  and  node --version'],
    trace: error instanceof Error ? cleanLines((error.stack ?? '').split('\n').slice(1).join('\n'), 'start', 6) : [],
  };
}

/** A message may list several problems, one a line; no other control character passes. */
function cleanMessage(message: string): string {
  return message
    .split('\n')
    .map((line) => clean(line, 500))
    .join('\n');
}

/** The last line of an end that is not a pass: which kind of end it is, and what to do. `again` is `run pushgate check again`. */
export function lastLine(exitCode: number, again: string): string {
  switch (exitCode) {
    case EXIT.failed:
      return `Failed: the run was judged and does not pass. Fix what is named above, then ${again}. (exit 1)`;
    case EXIT.usage:
      return `Not judged: what was asked for or configured cannot be used. Correct what is named above, then ${again}. (exit 2)`;
    case EXIT.unproven:
      return `Could not judge: evidence is missing. Fix what is named above, then ${again}. (exit 3)`;
    case EXIT.bug:
      return 'Not judged: this is a bug in pushgate. `git push --no-verify` pushes without the gate. (exit 70)';
    default:
      return exitCode > 128
        ? `Interrupted by signal ${exitCode - 128}: nothing was judged. To judge, ${again}. (exit ${exitCode})`
        : `Ended with exit code ${exitCode}.`;
  }
}
