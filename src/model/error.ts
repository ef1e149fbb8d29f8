/** Exit codes of every command; the meaning of each stands in the README. */
export const EXIT = { passed: 0, failed: 1, usage: 2, unproven: 3, bug: 70 } as const;

export type ExitCode = number;

/**
 * An end without a verdict: what went wrong in one sentence, what to do next, and the exit code that says which kind of end it is.
 * `usage` (2) is for what the user wrote (flags, config, allowlist), `unproven` (3) for evidence that is missing.
 */
export class PushgateError extends Error {
  readonly exitCode: ExitCode;
  readonly advice: readonly string[];

  constructor(exitCode: ExitCode, message: string, advice: readonly string[] = []) {
    super(message);
    this.name = 'PushgateError';
    this.exitCode = exitCode;
    this.advice = advice;
  }
}

/** Something the user wrote cannot be used: exit 2. */
export function usageError(message: string, ...advice: string[]): PushgateError {
  return new PushgateError(EXIT.usage, message, advice);
}

const SIGNALS: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };

/** A signal ended the command: exit 128 and its number. `reason` is that of the abort, the signal's name; `what` says what was not done. */
export function stoppedError(reason: unknown, what: string): PushgateError {
  const name = String(reason);
  return new PushgateError(128 + (SIGNALS[name] ?? 15), `Stopped by ${name}; ${what}.`);
}

/** The evidence for a verdict is missing: exit 3. */
export function unprovenError(message: string, ...advice: string[]): PushgateError {
  return new PushgateError(EXIT.unproven, message, advice);
}
