import { timedTests } from '../../gate/slow.ts';
import type { KnownSlowEntry } from '../../model/known-slow.ts';
import { testKey } from '../../model/test-run.ts';
import { table } from '../../report/tables.ts';
import { clean, plural, seconds, wholeSeconds } from '../../report/units.ts';
import type { Io } from '../../system/io.ts';
import { runDate } from './run-date.ts';
import type { Allowlist } from './allowlist.ts';

const DAY_MS = 86_400_000;
const NONE = '–';

/** Prints every entry: what its test took in the last run against its ceiling, its age, expiry and owner, and what it costs. */
export function listEntries(io: Io, allowlist: Allowlist): number {
  const { entries, last, path, policy } = allowlist;
  if (entries.length === 0) {
    io.stdout.write(`${clean(path)} has no entries.\n`);
    return 0;
  }
  const measured = measuredOf(allowlist);
  const { limitMs } = policy.slow;
  const headers = ['took', 'ceiling', 'debt', 'age', 'expires', 'owner', 'test'];
  const columns = headers.map((header, index) => ({ header, align: index < 4 ? ('right' as const) : ('left' as const) }));
  const rows = entries.map((entry) => rowOf(entry, measured.get(testKey(entry)) ?? null, limitMs, allowlist.today));
  const debtMs = entries.reduce((sum, entry) => sum + debtOf(measured.get(testKey(entry)) ?? null, limitMs), 0);
  const sum = `${plural(entries.length, 'entry', 'entries')} in ${clean(path)}; ${seconds(debtMs)} over the slow limit of ${wholeSeconds(limitMs)} in all (debt).`;
  io.stdout.write(`${[...table(columns, rows), '', sum].join('\n')}\n`);
  io.stderr.write(
    last ? `Times are those of the run of ${runDate(last.at)}.\n` : 'There is no last run: pushgate check   measures the tests.\n',
  );
  return 0;
}

/** Own times by test, the slowest of those that share a name. */
function measuredOf({ last }: Allowlist): Map<string, number> {
  const measured = new Map<string, number>();
  // Slowest first, so the first of a name is what counts.
  for (const { test, durationMs } of last ? timedTests(last.run) : []) {
    if (!measured.has(testKey(test))) measured.set(testKey(test), durationMs);
  }
  return measured;
}

function rowOf(entry: KnownSlowEntry, measuredMs: number | null, limitMs: number, today: string): string[] {
  return [
    measuredMs === null ? NONE : seconds(measuredMs),
    wholeSeconds(entry.ceilingMs),
    measuredMs === null ? NONE : seconds(debtOf(measuredMs, limitMs)),
    entry.added === null ? NONE : `${days(entry.added, today)} d`,
    expiryOf(entry.expires, today),
    entry.owner === null ? NONE : clean(entry.owner),
    `${clean(entry.file)}  ${clean(entry.name)}`,
  ];
}

/** How much longer than the slow limit a test takes. */
function debtOf(measuredMs: number | null, limitMs: number): number {
  return Math.max(0, (measuredMs ?? 0) - limitMs);
}

function expiryOf(expires: string | null, today: string): string {
  if (expires === null) return NONE;
  const left = days(today, expires);
  return left < 0 ? `${expires} (expired)` : `${expires} (${left} d)`;
}

function days(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS);
}
