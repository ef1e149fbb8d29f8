import type { KnownSlowEntry } from '../model/known-slow.ts';
import type { Policy } from '../model/policy.ts';
import { isWholeFile, testKey } from '../model/test-run.ts';
import type { FileRun, Test, TestRun } from '../model/test-run.ts';
import { ranAsTest, sampledFiles, sampledTests, timesOf } from './samples.ts';
import { wallWithout } from './schedule.ts';
import { median, p75, relativeSpread } from './stats.ts';

/** Distance of a time from a limit; positive is over it. `gapPct` is in per cent of the limit. */
export type TimeGap = { readonly limitMs: number; readonly gapMs: number; readonly gapPct: number };

/** One test file: medians of its times over the repetitions, and how many tests it holds. */
export type AuditedFile = {
  readonly file: string;
  readonly durationMs: number;
  /** What of it no test took: process start, imports, the end. Null when the file has no process of its own. */
  readonly aroundMs: number | null;
  readonly tests: number;
};

/** One test: the median of its own time over the repetitions, and whether the allowlist names it. */
export type AuditedTest = { readonly test: Test; readonly durationMs: number; readonly known: boolean };

/** An allowlist entry beside what its test measured; null when it did not run. `ceilingGap` is negative while it keeps its ceiling. */
export type AuditedEntry = {
  readonly entry: KnownSlowEntry;
  readonly durationMs: number | null;
  readonly ceilingGap: TimeGap | null;
};

/** Files and tests of a suite with their times: medians over all runs. */
export type Timed = {
  readonly files: readonly AuditedFile[];
  readonly tests: readonly AuditedTest[];
  readonly wallMs: number;
  readonly workers: number;
};

/** One run of the suite on so many workers; `wallMs` is null when it did not reach its end. */
export type WorkerTrial = { readonly workers: number; readonly wallMs: number | null; readonly failed: number };

/** What `pushgate audit` shows of the suite's times. Times in ms. */
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
  /** What the known-slow tests take beyond the slow limit, in all. */
  readonly debtMs: number;
  /** The file that takes longest: however many workers there are, the suite takes as long. Null when files have no process of their own. */
  readonly pole: { readonly file: string; readonly durationMs: number } | null;
  /** Process start, imports and ends of all files, and the time of all files; null when files have no process of their own. */
  readonly around: { readonly aroundMs: number; readonly filesMs: number } | null;
};

/** Files and tests over one or more runs of the same suite. The last run says which there are. Throws a RangeError without runs. */
export function timedOf(runs: readonly TestRun[], policy: Policy): Timed {
  const last = runs.at(-1);
  if (!last) throw new RangeError('an audit needs at least one run');
  const known = new Set(policy.knownSlow.entries.map(testKey));
  const samples = sampledFiles(runs);
  return {
    files: last.files.map((file) => auditedFile(file, samples.get(file.file) ?? [])),
    tests: sampledTests(runs).flatMap((sampled): AuditedTest[] => {
      const test = sampled.seen.at(-1);
      if (!test || !ranAsTest(test)) return [];
      return [{ test, durationMs: median(timesOf(sampled)), known: known.has(testKey(test)) }];
    }),
    wallMs: median(runs.map((run) => run.wallMs)),
    workers: last.workers,
  };
}

function auditedFile(file: FileRun, runs: readonly FileRun[]): AuditedFile {
  const aroundMs = runs.flatMap((run) => (run.aroundMs === undefined ? [] : [run.aroundMs]));
  return {
    file: file.file,
    durationMs: median(runs.map((run) => run.durationMs)),
    aroundMs: aroundMs.length > 0 ? median(aroundMs) : null,
    tests: file.tests.filter((test) => !isWholeFile(test)).length,
  };
}

/** Sums up one or more runs of the same suite. The `top` slowest files and tests are listed. Throws a RangeError without runs. */
export function auditOf(runs: readonly TestRun[], policy: Policy, top: number): Audit {
  const timed = timedOf(runs, policy);
  const { files, tests, workers } = timed;
  const testCount = files.reduce((sum, file) => sum + file.tests, 0);
  const known = policy.knownSlow.entries.map((entry) => auditedEntry(entry, tests));
  return {
    repeats: runs.length,
    workers,
    suite: suiteTimes(runs, policy),
    files: files.length,
    tests: testCount,
    ran: tests.length,
    meanTestMs: tests.length > 0 ? sumMs(tests) / tests.length : null,
    meanTestsPerFile: files.length > 0 ? testCount / files.length : null,
    slowestFiles: files.toSorted(slowestFirst).slice(0, top),
    slowestTests: tests.toSorted(slowestFirst).slice(0, top),
    known,
    withoutKnown: withoutKnownSlow(timed),
    debtMs: known.reduce((sum, { durationMs }) => sum + Math.max(0, (durationMs ?? 0) - policy.slow.limitMs), 0),
    ...aroundTests(files),
  };
}

function aroundTests(files: readonly AuditedFile[]): Pick<Audit, 'pole' | 'around'> {
  const own = files.filter((file) => file.aroundMs !== null).toSorted(slowestFirst);
  const [slowest] = own;
  if (slowest === undefined) return { pole: null, around: null };
  return {
    pole: { file: slowest.file, durationMs: slowest.durationMs },
    around: { aroundMs: own.reduce((sum, file) => sum + (file.aroundMs ?? 0), 0), filesMs: sumMs(own) },
  };
}

/** Estimates the suite's wall time without its known-slow tests. */
function withoutKnownSlow(timed: Timed): Audit['withoutKnown'] {
  const known = timed.tests.filter((test) => test.known);
  if (known.length === 0) return null;
  const savedMs = new Map<string, number>();
  for (const { test, durationMs } of known) savedMs.set(test.file, (savedMs.get(test.file) ?? 0) + durationMs);
  return { ...wallWithout(timed, savedMs), testMs: sumMs(known) };
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

type Taking = { readonly durationMs: number };

function slowestFirst(a: Taking, b: Taking): number {
  return b.durationMs - a.durationMs;
}

function sumMs(taking: readonly Taking[]): number {
  return taking.reduce((sum, one) => sum + one.durationMs, 0);
}
