import { BUCKETS, type Bucket, type Trace, type Wait } from '../../src/model/explanation.ts';
import { METRICS } from '../../src/model/coverage.ts';
import type { Count, Coverage, FileCoverage, LineRange, Metric } from '../../src/model/coverage.ts';
import type { KnownSlowEntry } from '../../src/model/known-slow.ts';
import type { CoveragePolicy, Policy } from '../../src/model/policy.ts';
import type { Attempt, FileRun, Test, TestRun } from '../../src/model/test-run.ts';

/**
 * Builders of model values: everything has an unremarkable default (a passing, fast, covered suite), so that a test names only what it is
 * about. Each call returns a fresh value.
 */

/** One attempt: in the suite and under coverage unless told otherwise. */
export function anAttempt(change: Partial<Attempt> = {}): Attempt {
  return { outcome: 'passed', durationMs: 10, alone: false, instrumented: true, ...change };
}

/** An attempt of a confirmation: alone, without coverage. */
export function anAloneAttempt(change: Partial<Attempt> = {}): Attempt {
  return anAttempt({ alone: true, instrumented: false, ...change });
}

/** A test. Without `attempts` it has one, with the test's own time and outcome. */
export function aTest(change: Partial<Test> = {}): Test {
  const test = {
    file: 'test/a.test.ts',
    name: 'adds',
    line: 3,
    column: 1,
    outcome: 'passed',
    durationMs: 10,
    subtestsMs: 0,
    skipReason: null,
    enclosing: null,
    failure: change.outcome === 'failed' ? 'expected 1 to be 2' : null,
    onlyUnderCoverage: false,
    ...change,
  } as const;
  const ownMs = Math.max(0, test.durationMs - test.subtestsMs);
  return { ...test, attempts: change.attempts ?? [anAttempt({ outcome: test.outcome, durationMs: ownMs })] };
}

/** A file run with the given tests (one passing test by default); its time is that of its tests and 50 ms to start. */
export function aFileRun(file = 'test/a.test.ts', tests: readonly Partial<Test>[] = [{}], change: Partial<FileRun> = {}): FileRun {
  const built = tests.map((test, index) => aTest({ name: `test ${index + 1}`, line: 3 + index * 4, ...test, file }));
  const durationMs = built.reduce((sum, test) => sum + test.durationMs - test.subtestsMs, 50);
  return { file, tests: built, durationMs, origin: 'measured', raw: [], ...change };
}

/** An instrumented run of the given files: 2 workers, 1 s, fully covered, nothing lost. */
export function aRun(files: readonly FileRun[] = [aFileRun()], change: Partial<TestRun> = {}): TestRun {
  return {
    runner: 'node:test',
    mode: 'full',
    instrumented: true,
    wallMs: 1_000,
    cpuMs: 1_500,
    workers: 2,
    files,
    shared: [],
    coverage: aCoverage({ 'src/a.ts': 1 }),
    lost: [],
    unproven: [],
    bareWallMs: null,
    unconfirmed: { slow: 0, failed: 0 },
    ...change,
  };
}

/** A run of one file with these tests. */
export function aRunOf(tests: readonly Partial<Test>[], change: Partial<TestRun> = {}): TestRun {
  return aRun([aFileRun('test/a.test.ts', tests)], change);
}

export function aCount(covered: number, total: number): Count {
  return { covered, total };
}

type Counts = readonly [covered: number, total: number];

/** One source's figures; one pair counts for every metric, and without `uncovered` its last lines never ran. */
export function aFileCoverage(
  file: string,
  counts: Counts | Partial<Record<Metric, Counts>>,
  uncovered?: readonly LineRange[],
): FileCoverage {
  const pairs: Partial<Record<Metric, Counts>> = isCounts(counts) ? Object.fromEntries(METRICS.map((metric) => [metric, counts])) : counts;
  const of = (metric: Metric): Count => aCount(...(pairs[metric] ?? ([0, 0] as const)));
  const lines = of('lines');
  const missing: LineRange[] = lines.covered < lines.total ? [[lines.covered + 1, lines.total]] : [];
  return {
    file,
    hash: `hash of ${file}`,
    lines,
    branches: of('branches'),
    functions: of('functions'),
    statements: pairs.statements ? of('statements') : lines,
    uncovered: uncovered ?? missing,
  };
}

function isCounts(counts: Counts | Partial<Record<Metric, Counts>>): counts is Counts {
  return Array.isArray(counts);
}

/**
 * Coverage by file: `[covered, total]` for all metrics, or pairs by metric, or a share of 100 (`0.5` is 50 of 100).
 *
 *     aCoverage({ 'src/a.ts': [31, 99], 'src/b.ts': { lines: [1, 2], branches: [0, 4] }, 'src/c.ts': 1 })
 */
export function aCoverage(files: Record<string, number | Counts | Partial<Record<Metric, Counts>>> = {}): Coverage {
  const built = Object.entries(files).map(([file, counts]) =>
    aFileCoverage(file, typeof counts === 'number' ? [Math.round(counts * 100), 100] : counts),
  );
  return { files: built.toSorted((a, b) => (a.file < b.file ? -1 : 1)) };
}

/** A known-slow entry for the first test of `aRun()`, with a ceiling of 15 s. */
export function anEntry(change: Partial<KnownSlowEntry> = {}): KnownSlowEntry {
  return {
    file: 'test/a.test.ts',
    name: 'test 1',
    reason: 'waits for three real retries',
    ceilingMs: 15_000,
    owner: null,
    expires: null,
    added: null,
    line: 4,
    ...change,
  };
}

type PolicyChange = {
  readonly coverage?: Partial<CoveragePolicy>;
  readonly suite?: Partial<Policy['suite']>;
  readonly slow?: Partial<Policy['slow']>;
  readonly limits?: Policy['limits'];
  readonly tests?: Partial<Policy['tests']>;
  readonly knownSlow?: readonly KnownSlowEntry[];
};

/** A policy: floor 64 % of lines and no other coverage limit, budget 120 s, ideal 60 s, slow over 10 s, target 5 s, empty allowlist. */
export function aPolicy(change: PolicyChange = {}): Policy {
  return {
    coverage: {
      include: ['src/**'],
      exclude: [],
      floor: { lines: 64 },
      baseline: {},
      target: {},
      perFile: {},
      overrides: [],
      maxDrop: null,
      changed: null,
      ...change.coverage,
    },
    suite: { budgetMs: 120_000, idealMs: 60_000, ...change.suite },
    slow: { limitMs: 10_000, targetMs: 5_000, ...change.slow },
    limits: { clock: 'wall', ...change.limits },
    tests: { skipNeedsReason: true, flaky: 'fail', ...change.tests },
    knownSlow: { path: 'known-slow.jsonc', entries: change.knownSlow ?? [] },
  };
}

/** A trace of 1 s: what is named, and the rest in Node itself. */
export function aTrace(spent: Partial<Record<Bucket, number>> = {}, change: Partial<Trace> = {}): Trace {
  const none = Object.fromEntries(BUCKETS.map((bucket) => [bucket, 0])) as Record<Bucket, number>;
  const wallMs = change.wallMs ?? 1_000;
  const told = Object.values(spent).reduce((sum, ms) => sum + ms, 0);
  return { wallMs, spent: { ...none, node: Math.max(0, wallMs - told), ...spent }, waits: [], functions: [], hooks: [], ...change };
}

/** A wait for one timer of the retry helper. */
export function aWait(change: Partial<Wait> = {}): Wait {
  return {
    bucket: 'timers',
    what: 'setTimeout',
    place: { file: 'src/sync/retry.ts', line: 52 },
    count: 1,
    durationMs: 900,
    inHook: false,
    delaysMs: [],
    ...change,
  };
}
