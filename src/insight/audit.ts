import type { KnownSlowEntry } from '../model/known-slow.ts';
import type { Policy } from '../model/policy.ts';
import { fastestMs, isWholeFile, testKey } from '../model/test-run.ts';
import type { FileRun, Test, TestRun } from '../model/test-run.ts';
import { scheduleMs } from './schedule.ts';
import { median, p75, relativeSpread } from './stats.ts';

/** Distance of a time from a limit; positive is over it. `gapPct` is in per cent of the limit. */
export type TimeGap = { readonly limitMs: number; readonly gapMs: number; readonly gapPct: number };

/** One test file: the median of its time over the repetitions, and how many tests it holds. */
export type AuditedFile = { readonly file: string; readonly durationMs: number; readonly tests: number };

/** One test: the median of its own time over the repetitions, and whether the allowlist names it. */
export type AuditedTest = { readonly test: Test; readonly durationMs: number; readonly known: boolean };

/** An allowlist entry beside what its test measured; null when it did not run. `ceilingGap` is negative while it keeps its ceiling. */
export type AuditedEntry = {
  readonly entry: KnownSlowEntry;
  readonly durationMs: number | null;
  readonly ceilingGap: TimeGap | null;
};

/** What `pushgate audit` shows. Times in ms. */
export type Audit = {
  readonly repeats: number;
  readonly workers: number;
  readonly suite: {
    readonly samplesMs: readonly number[];
    readonly medianMs: number;
    readonly p75Ms: number;
    /** Largest distance from the median, as a share of it. */
    readonly spread: number;
    readonly budget: TimeGap;
    readonly ideal: TimeGap;
  };
  readonly files: number;
  readonly tests: number;
  /** Tests that ran: neither skipped nor standing for a whole file. */
  readonly ran: number;
  /** Own time per test that ran; null when none did. */
  readonly meanTestMs: number | null;
  readonly meanTestsPerFile: number | null;
  readonly slowestFiles: readonly AuditedFile[];
  readonly slowestTests: readonly AuditedTest[];
  readonly known: readonly AuditedEntry[];
  /** An estimate: see `withoutKnownSlow`. Null when no known-slow test ran. */
  readonly withoutKnown: { readonly wallMs: number; readonly savedMs: number; readonly testMs: number } | null;
};

/**
 * Sums up one or more runs of the same suite without coverage. The last run says which files and tests there are; times are medians over
 * all runs. Throws a RangeError without runs.
 */
export function auditOf(runs: readonly TestRun[], policy: Policy, top: number): Audit {
  const last = runs.at(-1);
  if (!last) throw new RangeError('an audit needs at least one run');
  const times = mediansOf(runs);
  const known = new Set(policy.knownSlow.entries.map(testKey));
  const files = last.files.map((file): AuditedFile => {
    return { file: file.file, durationMs: times.ofFile(file), tests: testsIn(file).length };
  });
  const tests = last.files.flatMap(ranIn).map((test): AuditedTest => {
    return { test, durationMs: times.ofTest(test), known: known.has(testKey(test)) };
  });
  const testCount = files.reduce((sum, file) => sum + file.tests, 0);
  return {
    repeats: runs.length,
    workers: last.workers,
    suite: suiteTimes(runs, policy),
    files: files.length,
    tests: testCount,
    ran: tests.length,
    meanTestMs: tests.length > 0 ? sumMs(tests) / tests.length : null,
    meanTestsPerFile: files.length > 0 ? testCount / files.length : null,
    slowestFiles: files.toSorted(slowestFirst).slice(0, top),
    slowestTests: tests.toSorted(slowestFirst).slice(0, top),
    known: policy.knownSlow.entries.map((entry) => auditedEntry(entry, tests)),
    withoutKnown: withoutKnownSlow(files, tests, median(runs.map((run) => run.wallMs)), last.workers),
  };
}

/**
 * Estimates the suite's wall time without its known-slow tests. Files are dealt to the workers in order, once with their measured times and
 * once without the known-slow tests' own time; the difference is what is saved. An estimate, because real runs also wait for one another and
 * tests inside a file may overlap. With one worker it is the sum; with more, time that another worker's files hide is not counted as saved.
 */
function withoutKnownSlow(
  files: readonly AuditedFile[],
  tests: readonly AuditedTest[],
  wallMs: number,
  workers: number,
): Audit['withoutKnown'] {
  const knownTests = tests.filter((test) => test.known);
  if (knownTests.length === 0) return null;
  const knownMs = new Map<string, number>();
  for (const { test, durationMs } of knownTests) knownMs.set(test.file, (knownMs.get(test.file) ?? 0) + durationMs);
  const before = scheduleMs(
    files.map((file) => file.durationMs),
    workers,
  );
  const after = scheduleMs(
    files.map((file) => Math.max(0, file.durationMs - (knownMs.get(file.file) ?? 0))),
    workers,
  );
  const savedMs = Math.min(wallMs, before - after);
  return { wallMs: wallMs - savedMs, savedMs, testMs: sumMs(knownTests) };
}

function suiteTimes(runs: readonly TestRun[], policy: Policy): Audit['suite'] {
  const samplesMs = runs.map((run) => run.wallMs);
  const medianMs = median(samplesMs);
  return {
    samplesMs,
    medianMs,
    p75Ms: p75(samplesMs),
    spread: relativeSpread(samplesMs),
    budget: timeGap(medianMs, policy.suite.budgetMs),
    ideal: timeGap(medianMs, policy.suite.idealMs),
  };
}

function timeGap(measuredMs: number, limitMs: number): TimeGap {
  const gapMs = measuredMs - limitMs;
  return { limitMs, gapMs, gapPct: (100 * gapMs) / limitMs };
}

function auditedEntry(entry: KnownSlowEntry, tests: readonly AuditedTest[]): AuditedEntry {
  const matches = tests.filter(({ test }) => test.file === entry.file && test.name === entry.name);
  const slowest = matches.toSorted(slowestFirst)[0];
  if (!slowest) return { entry, durationMs: null, ceilingGap: null };
  return { entry, durationMs: slowest.durationMs, ceilingGap: timeGap(slowest.durationMs, entry.ceilingMs) };
}

/** Medians over all runs, by file and by test. Tests that share a name are told apart by their place. */
function mediansOf(runs: readonly TestRun[]): { ofFile: (file: FileRun) => number; ofTest: (test: Test) => number } {
  const samples = new Map<string, number[]>();
  const add = (key: string, ms: number): void => {
    const list = samples.get(key);
    if (list) list.push(ms);
    else samples.set(key, [ms]);
  };
  for (const file of runs.flatMap((run) => run.files)) {
    add(file.file, file.durationMs);
    for (const test of ranIn(file)) add(placeKey(test), fastestMs(test));
  }
  return {
    ofFile: (file) => median(samples.get(file.file) ?? []),
    ofTest: (test) => median(samples.get(placeKey(test)) ?? []),
  };
}

function placeKey(test: Test): string {
  return `${testKey(test)}\0${test.line}:${test.column}`;
}

function testsIn(file: FileRun): Test[] {
  return file.tests.filter((test) => !isWholeFile(test));
}

function ranIn(file: FileRun): Test[] {
  return testsIn(file).filter((test) => test.outcome !== 'skipped');
}

type Timed = { readonly durationMs: number };

function slowestFirst(a: Timed, b: Timed): number {
  return b.durationMs - a.durationMs;
}

function sumMs(timed: readonly Timed[]): number {
  return timed.reduce((sum, one) => sum + one.durationMs, 0);
}
