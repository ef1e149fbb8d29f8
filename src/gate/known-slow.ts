import type { FindingOf, Severity } from '../model/finding.ts';
import type { KnownSlow, KnownSlowEntry } from '../model/known-slow.ts';
import type { Policy } from '../model/policy.ts';
import { fastestMs, testKey, testsOf } from '../model/test-run.ts';
import type { Test, TestRun } from '../model/test-run.ts';
import type { TimedTest } from './slow.ts';
import { isConfirmed } from './slow.ts';

/** What the judgement of the allowlist needs beside the run: the day (YYYY-MM-DD, UTC) and how stale entries count. */
export type KnownSlowContext = { readonly today: string; readonly ci: boolean; readonly passOnUnpruned: boolean };

/**
 * A known-slow test is called fast only below this part of the slow limit: one that measures about the limit would otherwise be stale in
 * one run and newly slow in the next.
 */
const FAST_SHARE = 0.9;

const EXPIRING_DAYS = 14;

const DAY_MS = 24 * 60 * 60 * 1_000;

type Found = FindingOf<'known-slow-over-ceiling' | 'known-slow-expired' | 'known-slow-expiring' | 'known-slow-stale'>;

/** Holds every entry of the allowlist: its ceiling, its expiry, and whether it is still needed. */
export function judgeKnownSlow(run: TestRun, timed: readonly TimedTest[], policy: Policy, context: KnownSlowContext): Found[] {
  const entries = entriesThatCount(policy.knownSlow);
  if (entries.length === 0) return [];
  const timedByKey = byKey(timed);
  const isVanished = absenceIn(run);
  return entries.flatMap((entry) => {
    const matches = timedByKey.get(testKey(entry)) ?? [];
    return judgeEntry({ entry, matches, vanished: matches.length === 0 && isVanished(entry), policy, context });
  });
}

type Case = {
  readonly entry: KnownSlowEntry;
  /** The tests it names that ran, slowest first: where several share a name, all have to keep the ceiling. */
  readonly matches: readonly TimedTest[];
  readonly vanished: boolean;
  readonly policy: Policy;
  readonly context: KnownSlowContext;
};

function judgeEntry({ entry, matches, vanished, policy, context }: Case): Found[] {
  const allowlist = policy.knownSlow.path;
  const { limitMs } = policy.slow;
  const slowest = matches[0];
  const known = { entry, test: slowest?.test ?? null, durationMs: slowest?.durationMs ?? null, allowlist };
  const stale = (why: 'vanished' | 'fast'): Found => {
    return { code: 'known-slow-stale', severity: staleSeverity(context), ...known, why, limitMs };
  };
  if (vanished) return [stale('vanished')];

  const over = matches.filter((one) => !(one.durationMs <= entry.ceilingMs));
  const found: Found[] = over.map(({ test, ...time }) => {
    const facts = { test, ...time, limitMs: entry.ceilingMs, confirmed: isConfirmed(test), entry, allowlist };
    return { code: 'known-slow-over-ceiling', severity: 'error', ...facts };
  });
  const daysLeft = entry.expires === null ? Infinity : daysBetween(context.today, entry.expires);
  if (!(daysLeft >= 0)) return [...found, { code: 'known-slow-expired', severity: 'error', ...known }];
  if (daysLeft <= EXPIRING_DAYS) found.push({ code: 'known-slow-expiring', severity: 'warning', ...known, daysLeft });
  const fast = matches.every((one) => one.test.outcome === 'passed' && fastestMs(one.test) < FAST_SHARE * limitMs);
  if (matches.length > 0 && fast && over.length === 0) found.push(stale('fast'));
  return found;
}

function staleSeverity({ ci, passOnUnpruned }: KnownSlowContext): Severity {
  if (passOnUnpruned) return 'note';
  return ci ? 'error' : 'warning';
}

/** Days from one date to another (YYYY-MM-DD); NaN when either is no date. */
function daysBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / DAY_MS;
}

/** The entries in file order; of several for one test, as a merge of two branches leaves them, the one with the lowest ceiling. */
function entriesThatCount(knownSlow: KnownSlow): KnownSlowEntry[] {
  const counting = new Map<string, KnownSlowEntry>();
  for (const entry of knownSlow.entries) {
    const other = counting.get(testKey(entry));
    if (!other || entry.ceilingMs < other.ceilingMs) counting.set(testKey(entry), entry);
  }
  return [...counting.values()];
}

function byKey(timed: readonly TimedTest[]): Map<string, TimedTest[]> {
  const groups = new Map<string, TimedTest[]>();
  for (const one of timed) {
    const key = testKey(one.test);
    const group = groups.get(key);
    if (group) group.push(one);
    else groups.set(key, [one]);
  }
  return groups;
}

/**
 * Whether the run shows that a test no longer exists. It does not when evidence is missing, when the test or a test around it was skipped,
 * or when something in its file failed: the file may then not have come to it.
 */
function absenceIn(run: TestRun): (entry: KnownSlowEntry) => boolean {
  const tests = testsOf(run);
  const notRun = new Set(tests.filter(({ outcome }) => outcome === 'skipped' || outcome === 'todo').map(testKey));
  const broken = new Set(tests.filter(failedInSuite).map((test) => test.file));
  return (entry) => {
    if (run.unproven.length > 0 || broken.has(entry.file)) return false;
    return !titlePaths(entry.name).some((name) => notRun.has(testKey({ file: entry.file, name })));
  };
}

function failedInSuite(test: Test): boolean {
  return test.outcome === 'failed' || test.outcome === 'flaky' || test.onlyUnderCoverage;
}

/** A test's own title path and those of the tests around it. */
function titlePaths(name: string): string[] {
  const titles = name.split(' > ');
  return titles.map((_, index) => titles.slice(0, index + 1).join(' > '));
}
