const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** Reads `500ms`, `1.5s`, `10m`, `2h` as ms; null for anything else (a bare number has no unit and is refused). */
export function parseDuration(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text.trim());
  if (!match) return null;
  const ms = Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
  return Number.isFinite(ms) ? Math.round(ms) : null;
}

/** Writes ms in the largest unit that shows it exactly in whole numbers: `90s`, `10m`, `1500ms`. */
export function formatDuration(ms: number): string {
  if (ms % UNIT_MS.s !== 0) return `${ms}ms`;
  if (ms % UNIT_MS.m === 0 && ms > 2 * UNIT_MS.m) return `${ms / UNIT_MS.m}m`;
  return `${ms / UNIT_MS.s}s`;
}
