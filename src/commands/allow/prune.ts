import { changeEntry, removeEntries } from '../../config/known-slow-edit.ts';
import { timedTests } from '../../gate/slow.ts';
import { unprovenError, usageError } from '../../model/error.ts';
import type { KnownSlowEntry } from '../../model/known-slow.ts';
import { testKey } from '../../model/test-run.ts';
import { lineDiff } from '../../report/line-diff.ts';
import { labelled } from '../../report/tables.ts';
import { clean, seconds, wholeSeconds } from '../../report/units.ts';
import type { LastRun } from '../../store/last-run.ts';
import type { Io } from '../../system/io.ts';
import { type Allowlist, defaultCeilingMs, judgeEntries, saveAllowlist } from './allowlist.ts';
import { runDate } from './run-date.ts';

type Step =
  | { readonly do: 'drop'; readonly entry: KnownSlowEntry; readonly why: string }
  | { readonly do: 'lower'; readonly entry: KnownSlowEntry; readonly why: string; readonly ceilingMs: number };

/**
 * Drops entries whose test is fast or gone and those that another entry overrules, and lowers ceilings to what the tests need. Never adds or
 * raises. A dry run prints the difference instead of writing it.
 */
export async function prune(io: Io, allowlist: Allowlist, dryRun: boolean): Promise<number> {
  const last = completeRun(allowlist);
  const steps = stepsOf(allowlist, last);
  const path = clean(allowlist.path);
  if (steps.length === 0) {
    io.stdout.write(`✔ ${path} needs no pruning after the run of ${runDate(last.at)}.\n`);
    return 0;
  }
  const text = applied(allowlist, steps);
  const rows = steps.map(({ do: what, entry, why }) => [what, `${clean(entry.file)}  ${clean(entry.name)}: ${why}`] as const);
  io.stdout.write(
    `${path} after the run of ${runDate(last.at)}:\n${labelled(rows)
      .map((row) => `  ${row}\n`)
      .join('')}`,
  );
  if (dryRun)
    io.stdout.write(
      `\n--- a/${path}\n+++ b/${path}\n${lineDiff(allowlist.text, text)
        .map((line) => `${shown(line)}\n`)
        .join('')}`,
    );
  else await saveAllowlist(allowlist, text);
  io.stderr.write(dryRun ? 'Nothing was written: this was a dry run.\n' : '');
  return 0;
}

function completeRun({ last }: Allowlist): LastRun {
  if (!last)
    throw usageError('There is no last run to compare the allowlist with.', 'pushgate check   runs the suite; then repeat this command');
  // A run in which nothing ran would show every test as gone.
  if (last.run.unproven.length === 0 && timedTests(last.run).length > 0) return last;
  throw unprovenError(
    'The last run did not come to its end, so it cannot show which entries are still needed.',
    'pushgate check   runs the suite again',
  );
}

function stepsOf(allowlist: Allowlist, last: LastRun): Step[] {
  // Whether an entry is needed does not depend on how long it was meant to last.
  const lasting = new Map<KnownSlowEntry, KnownSlowEntry>(allowlist.entries.map((entry) => [{ ...entry, expires: null }, entry]));
  const stale = new Map(
    judgeEntries(allowlist, last, [...lasting.keys()]).flatMap((finding) =>
      finding.code === 'known-slow-stale' ? [[lasting.get(finding.entry), finding]] : [],
    ),
  );
  return allowlist.all.flatMap((entry): Step[] => {
    const finding = stale.get(entry);
    if (finding?.why === 'vanished') return [{ do: 'drop', entry, why: 'the test is gone' }];
    if (finding)
      return [
        { do: 'drop', entry, why: `it took ${seconds(finding.durationMs ?? 0)}; the slow limit is ${wholeSeconds(finding.limitMs)}` },
      ];
    if (!allowlist.entries.includes(entry)) return [{ do: 'drop', entry, why: 'another entry for the test allows less' }];
    return lowered(entry, last);
  });
}

/** A ceiling is lowered only by tests that passed: a failed one may have ended early. */
function lowered(entry: KnownSlowEntry, last: LastRun): Step[] {
  const matches = timedTests(last.run).filter(({ test }) => testKey(test) === testKey(entry));
  const slowest = matches[0];
  if (!slowest || matches.some(({ test }) => test.outcome !== 'passed')) return [];
  const ceilingMs = defaultCeilingMs(slowest.durationMs);
  if (ceilingMs >= entry.ceilingMs) return [];
  const why = `ceiling ${wholeSeconds(entry.ceilingMs)} to ${wholeSeconds(ceilingMs)}, because it took ${seconds(slowest.durationMs)}`;
  return [{ do: 'lower', entry, why, ceilingMs }];
}

function applied({ text, all }: Allowlist, steps: readonly Step[]): string {
  const change = (edited: string, step: Step): string =>
    step.do === 'lower' ? changeEntry(edited, all.indexOf(step.entry), { ceilingMs: step.ceilingMs }) : edited;
  const dropped = steps.filter((step) => step.do === 'drop').map((step) => all.indexOf(step.entry));
  return removeEntries(steps.reduce(change, text), dropped);
}

/** A line of the file, safe to print; tabs of its indentation stay blanks. */
function shown(line: string): string {
  return clean(line.replace(/\r$/, '').replaceAll('\t', '  '), 2_000);
}
