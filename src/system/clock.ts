/** Now, for dates that people read. Durations use `performance.now()`, which no clock change moves. */
export function now(): Date {
  return new Date();
}

/** Today's date in UTC as YYYY-MM-DD, the form of `expires` and `added` in the allowlist. */
export function today(): string {
  return now().toISOString().slice(0, 10);
}
