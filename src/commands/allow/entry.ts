import { addEntry, changeEntry, type EntryChange, removeEntries } from '../../config/known-slow-edit.ts';
import { parseKnownSlow, strictest } from '../../config/known-slow.ts';
import { parseDuration } from '../../formats/duration.ts';
import { usageError } from '../../model/error.ts';
import type { KnownSlowEntry } from '../../model/known-slow.ts';
import { testKey } from '../../model/test-run.ts';
import { clean, seconds, wholeSeconds } from '../../report/units.ts';
import type { Io } from '../../system/io.ts';
import { type Allowlist, defaultCeilingMs, judgeEntries, saveAllowlist } from './allowlist.ts';
import { type Candidate, candidatesOf, findTest, placeOf } from './candidates.ts';

/** What the flags say about an entry, as written. */
export type EntryOptions = {
  readonly reason?: string | undefined;
  readonly ceiling?: string | undefined;
  readonly owner?: string | undefined;
  readonly expires?: string | undefined;
};

/** Adds an entry for the test that is named, or changes the one there is. Writes the file and says what it holds now. */
export async function allowTest(io: Io, allowlist: Allowlist, named: string, options: EntryOptions): Promise<number> {
  const change = changeOf(options, allowlist.today);
  const { limitMs } = allowlist.policy.slow;
  const isSlow = (one: Candidate): boolean => one.measuredMs !== null && one.measuredMs > limitMs;
  const target = { text: named, cwd: io.cwd, root: allowlist.root, hasLastRun: allowlist.last !== null, isSlow };
  const test = findTest(candidatesOf(allowlist), target);
  const known = allowlist.entries.find((entry) => testKey(entry) === testKey(test));
  const text = known ? changed(allowlist, known, change) : addEntry(allowlist.text, newEntry(allowlist, test, change, named));
  const entry = strictest(entriesIn(text, allowlist.path)).find((each) => testKey(each) === testKey(test));
  if (!entry) throw new Error('an entry that is written is not there');
  await saveAllowlist(allowlist, text);
  const did = known ? 'changed' : 'added';
  const took = test.measuredMs === null ? '' : `it took ${seconds(test.measuredMs)}, `;
  io.stdout.write(
    `✔ ${did} in ${clean(allowlist.path)}:${entry.line}: ${placeOf(test)}  ${clean(test.name)}: ${took}its ceiling is ${wholeSeconds(entry.ceilingMs)}.\n`,
  );
  for (const warning of warningsOf(allowlist, entry)) io.stderr.write(`⚠ ${warning}\n`);
  return 0;
}

/** The entries of a text that is to be written: one that could not be read again would end every command from then on. */
function entriesIn(text: string, path: string): KnownSlowEntry[] {
  try {
    return parseKnownSlow(text, path);
  } catch (error) {
    throw usageError(`The entry would not be valid, so nothing was written. ${(error as Error).message}`);
  }
}

/** Reads the flags; throws a usage error for what cannot be meant. */
function changeOf({ reason, ceiling, owner, expires }: EntryOptions, today: string): EntryChange {
  for (const [flag, value] of Object.entries({ reason, owner })) {
    if (value !== undefined && value.trim() === '') throw usageError(`--${flag} is empty.`, `Give it a text:  --${flag} "…"`);
  }
  const ceilingMs = ceiling === undefined ? undefined : parseDuration(ceiling);
  if (ceilingMs !== undefined && !((ceilingMs ?? 0) > 0)) {
    throw usageError(`--ceiling is '${clean(ceiling ?? '')}'; it must be a duration with its unit.`, 'Write it as  --ceiling 15s');
  }
  if (expires !== undefined) checkDate(expires, today);
  return {
    ...(reason !== undefined && { reason }),
    ...(ceilingMs != null && { ceilingMs }),
    ...(owner !== undefined && { owner }),
    ...(expires !== undefined && { expires }),
  };
}

function checkDate(expires: string, today: string): void {
  const at = new Date(`${expires}T00:00:00Z`);
  const exists = /^\d{4}-\d\d-\d\d$/.test(expires) && !Number.isNaN(at.getTime()) && at.toISOString().startsWith(expires);
  if (!exists)
    throw usageError(
      `--expires is '${clean(expires)}'; it must be a date that exists.`,
      `Write it as  --expires ${today.slice(0, 4)}-12-31`,
    );
  if (expires < today) throw usageError(`--expires is ${expires}, which is over: today is ${today} (UTC).`, 'Name a day to come.');
}

function changed(allowlist: Allowlist, known: KnownSlowEntry, change: EntryChange): string {
  if (Object.keys(change).length === 0) {
    throw usageError(
      `${clean(allowlist.path)}:${known.line} accepts this test already; no flag says what to change.`,
      'Give --reason, --ceiling, --owner or --expires.',
    );
  }
  const { all } = allowlist;
  // Weaker entries for the same test would be what counts once this one allows more than they do.
  const weaker = all.flatMap((entry, index) => (entry !== known && testKey(entry) === testKey(known) ? [index] : []));
  return removeEntries(changeEntry(allowlist.text, all.indexOf(known), change), weaker);
}

function newEntry(allowlist: Allowlist, test: Candidate, change: EntryChange, named: string): Omit<KnownSlowEntry, 'line'> {
  const { reason } = change;
  if (reason === undefined)
    throw usageError('A new entry needs a reason: why does this test have to be slow?', `pushgate allow '${clean(named)}' --reason "…"`);
  const ceilingMs = change.ceilingMs ?? (test.measuredMs === null ? null : defaultCeilingMs(test.measuredMs));
  if (ceilingMs === null)
    throw usageError('The test did not run in the last run, so its ceiling cannot be derived.', 'Give it one:  --ceiling 15s');
  const { file, name } = test;
  return { file, name, reason, ceilingMs, owner: change.owner ?? null, expires: change.expires ?? null, added: allowlist.today };
}

/** What the next run would hold against the entry, when it went as the last one. */
function warningsOf(allowlist: Allowlist, entry: KnownSlowEntry): string[] {
  const findings = allowlist.last ? judgeEntries(allowlist, allowlist.last, [entry]) : [];
  return findings.flatMap((finding) => {
    if (finding.code === 'known-slow-over-ceiling') {
      return [
        `It took ${seconds(finding.durationMs)}, longer than its ceiling of ${wholeSeconds(entry.ceilingMs)}: a run like the last one fails.`,
      ];
    }
    if (finding.code === 'known-slow-stale' && finding.why === 'fast') {
      return [
        `It took ${seconds(finding.durationMs ?? 0)} in the last run; the slow limit is ${wholeSeconds(finding.limitMs)}, so the entry counts as stale.`,
      ];
    }
    return finding.code === 'known-slow-expired' ? [`The entry expired on ${entry.expires}: --expires YYYY-MM-DD sets another day.`] : [];
  });
}
