/** Now, for dates that people read. Durations use `activeMs`, which no clock change moves. */
export function now(): Date {
  return new Date();
}

/** Today's date in UTC as YYYY-MM-DD, the form of `expires` and `added` in the allowlist. */
export function today(): string {
  return now().toISOString().slice(0, 10);
}

let suspendedMs = 0;

/** Milliseconds that go on only while this process does: the time it was stopped by Ctrl-Z does not count. For durations. */
export function activeMs(): number {
  return performance.now() - suspendedMs;
}

/** Takes a time during which the process was stopped out of `activeMs`. */
export function leaveOut(ms: number): void {
  suspendedMs += ms;
}
