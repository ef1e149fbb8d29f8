import type { FindingOf } from '../../model/finding.ts';
import type { Context } from '../context.ts';
import { labelled } from '../tables.ts';
import { clean, plural, seconds, timeAndLimit } from '../units.ts';
import { entryRows } from './time.ts';
import { firstRows, limitLine, locationOf, words, type Words } from './words.ts';

type Entry = FindingOf<'known-slow-expired' | 'known-slow-expiring' | 'known-slow-stale'>;

/** An entry past its last day, or within its last days. */
export function expiry(finding: FindingOf<'known-slow-expired' | 'known-slow-expiring'>, context: Context): Words {
  const at = atEntry(finding);
  const expires = clean(finding.entry.expires ?? 'an unknown day', 20);
  const limit = seconds(context.policy.slow.limitMs);
  const expired = finding.code === 'known-slow-expired';
  // Without a measured time nothing is known about the test, and only the entry's own date can be changed.
  const notNeeded = finding.durationMs !== null && finding.durationMs <= context.policy.slow.limitMs;
  const end = notNeeded ? `The test no longer needs its entry: delete ${at}.` : `Get the test to ${limit} or less, and delete ${at}.`;
  return words({
    headline: expired
      ? `A known-slow entry has expired: its last day was ${expires}.`
      : `A known-slow entry expires ${inDays(finding.daysLeft)}: its last day is ${expires}.`,
    distance: [where(finding)],
    evidence: labelled([['measured', measured(finding)], ...entryRows(finding.entry)]),
    advice: notNeeded ? [end] : [end, `If it has to stay slow: move "expires" at ${at}, and say why in "reason".`],
    limit: `Limit: "expires" at ${at}.`,
    ...placed(finding),
    actual: finding.durationMs,
    allowed: finding.entry.ceilingMs,
  });
}

/** An entry that nothing needs any more: its test is fast, or gone. */
export function stale(finding: FindingOf<'known-slow-stale'>, context: Context): Words {
  const at = atEntry(finding);
  const prune = `pushgate allow --prune   deletes ${at}`;
  if (finding.why === 'vanished') {
    return words({
      headline: 'A known-slow entry names a test that the suite does not have.',
      distance: [where(finding)],
      evidence: labelled(entryRows(finding.entry)),
      advice: [`If the test was renamed or moved: change "file" or "name" at ${at}.`, prune],
      limit: `Entry: ${at}.`,
      ...placed(finding),
    });
  }
  const [time, limit] = timeAndLimit(finding.durationMs ?? Number.NaN, finding.limitMs);
  return words({
    headline: `A known-slow entry is no longer needed: its test took ${time}; the slow limit is ${limit}.`,
    distance: [where(finding)],
    evidence: labelled(entryRows(finding.entry)),
    advice: [prune],
    limit: limitLine(context, 'slow.limit'),
    ...placed(finding),
    actual: finding.durationMs,
    allowed: finding.limitMs,
  });
}

/** Many entries that nothing needs any more. */
export function staleOnes(findings: readonly FindingOf<'known-slow-stale'>[]): Words {
  const { rows, more } = firstRows(findings);
  const gone = findings.filter((finding) => finding.why === 'vanished').length;
  const lines = rows.map((finding) => `${where(finding)}  ${finding.why === 'vanished' ? 'gone' : measured(finding)}`);
  return words({
    headline: `${plural(findings.length, 'known-slow entry is', 'known-slow entries are')} no longer needed; ${plural(gone, 'test is', 'tests are')} gone.`,
    evidence: [...lines, ...more],
    advice: ['pushgate allow --prune   deletes them; --prune --dry-run shows the change first'],
    limit: `Entries: ${clean(findings[0]?.allowlist ?? '')}.`,
  });
}

function atEntry(finding: Entry): string {
  return `${clean(finding.allowlist)}:${finding.entry.line}`;
}

function where(finding: Entry): string {
  return locationOf(finding.test ?? { file: finding.entry.file, name: finding.entry.name, line: 0 });
}

function placed(finding: Entry): Pick<Words, 'file' | 'line'> {
  return { file: finding.allowlist, line: finding.entry.line };
}

function measured(finding: Entry): string {
  const ceiling = `its ceiling is ${seconds(finding.entry.ceilingMs)}`;
  return finding.durationMs === null ? `not in this run; ${ceiling}` : `${seconds(finding.durationMs)}; ${ceiling}`;
}

function inDays(days: number): string {
  return days <= 0 ? 'today' : `in ${plural(days, 'day')}`;
}
