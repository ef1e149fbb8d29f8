import type { Count, LineRange, Metric } from './coverage.ts';
import type { KnownSlowEntry } from './known-slow.ts';
import type { LostProcess, Test, TestRun, Unproven } from './test-run.ts';

export type Severity = 'error' | 'warning' | 'note';

/** One file's distance from a coverage limit. */
export type FileGap = {
  readonly file: string;
  readonly count: Count;
  /** How many more it needs to reach the goal of the finding. */
  readonly short: number;
  readonly uncovered: readonly LineRange[];
};

/** "It was X at <commit>". */
export type Before = { readonly count: Count; readonly commit: string };

type CoverageTotal = {
  readonly metric: Metric;
  readonly count: Count;
  readonly limitPct: number;
  /** What the files' `short` is measured against: the target when there is one above the limit, else the limit. */
  readonly goalPct: number;
  /** Files short of the goal, most to gain first. */
  readonly gaps: readonly FileGap[];
  readonly before: Before | null;
};

/** The time that is judged, on this machine and on the reference; only where the machine is slower. `decides`: the second one is judged. */
export type Calibrated = { readonly hereMs: number; readonly thereMs: number; readonly decides: boolean };

type SuiteTime = {
  readonly wallMs: number;
  readonly calibrated?: Calibrated;
  /** Wall time without coverage, when the suite was run again to confirm; null otherwise. */
  readonly bareWallMs: number | null;
  /** Not measured as a whole: what the last full run and the files that ran since make it. */
  readonly projected: boolean;
  readonly limitMs: number;
  readonly workers: number;
  readonly tests: number;
  readonly slowestFiles: readonly { readonly file: string; readonly durationMs: number; readonly tests: number }[];
};

type SlowTest = {
  readonly test: Test;
  /** Fastest attempt, the one judged. */
  readonly durationMs: number;
  readonly calibrated?: Calibrated;
  readonly limitMs: number;
  /** False when there were too many suspects to run again. */
  readonly confirmed: boolean;
};

type Known = { readonly entry: KnownSlowEntry; readonly test: Test | null; readonly durationMs: number | null };

/** How many earlier runs found a test flaky, and when the first of those that are known was (ISO 8601, UTC). */
export type FlakyBefore = { readonly times: number; readonly since: string };

type Of<Code extends string, Facts> = { readonly code: Code; readonly severity: Severity } & Facts;

/** Everything a gate can say. A closed list: adding a code means adding its words, its README section and its golden screen. */
export type Finding =
  | Of<'coverage-floor', CoverageTotal>
  | Of<'coverage-baseline', CoverageTotal>
  | Of<'coverage-file', { metric: Metric; gap: FileGap; limitPct: number; glob: string | null }>
  /** `flickering`: so many of the lines that did not run have run in other runs of the same code; they may be all of the drop. */
  | Of<'coverage-drop', { metric: Metric; count: Count; before: Before; maxDrop: number; gaps: readonly FileGap[]; flickering: number }>
  | Of<'coverage-changed', { metric: Metric; count: Count; limitPct: number; base: string; gaps: readonly FileGap[] }>
  | Of<'coverage-partial', { processes: readonly LostProcess[] }>
  | Of<'suite-budget', SuiteTime>
  | Of<'suite-ideal', SuiteTime>
  | Of<'new-slow-test', SlowTest & { knownEntries: number; allowlist: string }>
  | Of<'slow-target', SlowTest>
  | Of<'known-slow-over-ceiling', SlowTest & { entry: KnownSlowEntry; allowlist: string }>
  | Of<'known-slow-expired', Known & { allowlist: string }>
  | Of<'known-slow-expiring', Known & { daysLeft: number; allowlist: string }>
  | Of<'known-slow-stale', Known & { why: 'vanished' | 'fast'; limitMs: number; allowlist: string }>
  | Of<'test-failed', { test: Test; confirmed: boolean }>
  | Of<'skip-without-reason', { test: Test; kind: 'skip' | 'todo' }>
  | Of<'flaky-test', { test: Test; before: FlakyBefore | null }>
  | Of<'policy-loosened', { setting: string; before: string; after: string }>;

export type FindingCode = Finding['code'];

/** One finding of a given code. */
export type FindingOf<Code extends FindingCode> = Extract<Finding, { code: Code }>;

export type VerdictOutcome = 'pass' | 'warn' | 'fail' | 'error';

/**
 * What the gates decided about a run. `error` (exit 3) when evidence is missing, whatever else was found; `fail` (1) with an error-severity
 * finding, `warn` (0) with a warning, `pass` (0) otherwise.
 */
export type Verdict = {
  readonly outcome: VerdictOutcome;
  readonly exitCode: number;
  readonly run: TestRun;
  readonly findings: readonly Finding[];
  readonly unproven: readonly Unproven[];
};
