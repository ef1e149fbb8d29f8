import type { Coverage, Metric } from './coverage.ts';
import type { Observed, Reason } from './inputs.ts';
import type { Explanation, FileTrace } from './explanation.ts';
import type { Machine } from './machine.ts';

/** A test's outcome after confirmation. `flaky`: failed in the suite, passed twice alone. */
export type Outcome = 'passed' | 'failed' | 'skipped' | 'todo' | 'flaky';

/** Under what conditions a test ran: beside the others or alone, with or without coverage. */
export type Attempt = {
  readonly outcome: Outcome;
  readonly durationMs: number;
  readonly alone: boolean;
  readonly instrumented: boolean;
  /** What the whole of a run alone took, start-up and neighbours included: on the clock and of processor time. */
  readonly within?: { readonly wallMs: number; readonly cpuMs: number };
};

/** One test, as the runner reports it. Suites (`describe`) are not tests; a test with subtests is. */
export type Test = {
  /** The test file, relative to the project root, with forward slashes. */
  readonly file: string;
  /** Full title path joined by ` > `. A file that failed as a whole is a test named by its path, on line 0. */
  readonly name: string;
  readonly line: number;
  readonly column: number;
  readonly outcome: Outcome;
  /** As reported in the suite, subtests included. */
  readonly durationMs: number;
  /** Sum over its direct subtests; the rest of the duration is its own. */
  readonly subtestsMs: number;
  /** All attempts, the suite's own first. Durations here are the test's own: without its subtests. */
  readonly attempts: readonly Attempt[];
  /** The reason given for a skip or todo; null when none was given. */
  readonly skipReason: string | null;
  /** Title path of the outermost test around it, of which it runs as a part; null for a test that can run by itself. */
  readonly enclosing: string | null;
  /** First lines of the failure, control characters and all; null when it did not fail, or only because a subtest did. */
  readonly failure: string | null;
  /** It failed in the suite and alone under coverage, and passed without: the instrumentation's failure, not the test's. */
  readonly onlyUnderCoverage: boolean;
  /** Where its time goes; absent until that was asked. */
  readonly explanation?: Explanation;
};

/**
 * One script's V8 coverage as text, its `functions` as V8 wrote them, and how many processes wrote the same. Kept as text because equal slices
 * are common and parsing each once is what makes merging cheap.
 */
export type RawSlice = { readonly url: string; readonly text: string; readonly count: number };

/** What Node keeps of a script's source map beside its coverage: line lengths of what ran, and the map (null when it could not be read). */
export type SourceMapEntry = {
  readonly lineLengths: readonly number[];
  readonly data: { readonly sources: readonly string[]; readonly sourceRoot?: string } | null;
  readonly url: string | null;
};

/** Source maps of scripts that were made from sources, by the script's url. */
export type SourceMaps = ReadonlyMap<string, SourceMapEntry>;

/** Everything one test file contributed. */
export type FileRun = {
  readonly file: string;
  readonly tests: readonly Test[];
  /** Wall time of its process, start-up included; sum of its tests when files share a process. */
  readonly durationMs: number;
  /** What of that no test or suite took: process start, imports, the end. Absent when the file has no process of its own. */
  readonly aroundMs?: number;
  /** The most memory its process held at once; absent when the process did not tell. */
  readonly peakRssBytes?: number;
  readonly origin: 'measured' | 'reused' | 'imported';
  /** Coverage of included sources that this file alone produced, its child processes' included. Empty when it was reused: it stays in the store. */
  readonly raw: readonly RawSlice[];
  /** What its processes depended on; absent when that was not watched. */
  readonly observed?: Observed;
};

/** A Node process that started under the run and left no usable coverage. */
export type LostProcess = {
  readonly pid: number;
  /** What it ran, relative to the root where possible. */
  readonly script: string;
  /** The test file it belonged to; null when unknown. */
  readonly file: string | null;
  readonly why: 'no-coverage' | 'unreadable-coverage';
};

/** Evidence that is missing, each a reason why no verdict can be reached (exit 3). */
export type Unproven =
  | { readonly kind: 'no-test-files'; readonly searched: string }
  | { readonly kind: 'no-tests'; readonly files: number }
  | { readonly kind: 'no-coverage' }
  | { readonly kind: 'nothing-included'; readonly include: readonly string[] }
  | {
      readonly kind: 'timed-out';
      readonly timeoutMs: number;
      readonly running: readonly { file: string; name: string; elapsedMs: number }[];
    }
  | { readonly kind: 'file-killed'; readonly file: string; readonly signal: string | null }
  | { readonly kind: 'file-missing'; readonly file: string }
  | {
      readonly kind: 'runner-crashed';
      readonly command: string;
      readonly exitCode: number | null;
      readonly signal: string | null;
      readonly output: string;
    }
  | { readonly kind: 'setup-failed'; readonly command: string; readonly exitCode: number | null; readonly output: string }
  /** `unknown`: limited metrics that hold as measured and might not with what is lost; empty when a limit is missed as measured. */
  | { readonly kind: 'coverage-lost'; readonly processes: readonly LostProcess[]; readonly unknown: readonly Metric[] };

/** One execution of the suite: the set of its file runs, and what belongs to no single file. */
export type TestRun = {
  readonly runner: string;
  readonly mode: 'full' | 'incremental' | 'stamped' | 'imported';
  readonly instrumented: boolean;
  readonly wallMs: number;
  /** User and system time of all processes; null when the platform does not tell. */
  readonly cpuMs: number | null;
  readonly workers: number;
  readonly files: readonly FileRun[];
  /** Raw coverage that no single test file owns: several files in one process. */
  readonly shared: readonly RawSlice[];
  /** Of the scripts that the measured test files ran; absent when nobody will merge it with that of another run. */
  readonly sourceMaps?: SourceMaps;
  /** The fold of all raw coverage and the untested sources, converted; null when coverage was not measured. */
  readonly coverage: Coverage | null;
  readonly lost: readonly LostProcess[];
  readonly unproven: readonly Unproven[];
  /** Why each file ran that did, for a run that could reuse others; absent when none were kept, or everything was asked for. */
  readonly reasons?: ReadonlyMap<string, Reason>;
  /** What the whole suite would have taken, for a run that reused some of it; absent when everything ran. */
  readonly projectedWallMs?: number;
  /** Wall time of the whole suite run again without coverage, when that was needed to confirm a budget failure. */
  readonly bareWallMs: number | null;
  /** Processor time of that run; null or absent where there was none, or the platform does not tell. */
  readonly bareCpuMs?: number | null;
  /** The machine around the confirmation, when a time limit was missed. */
  readonly machine?: Machine;
  /** How many suspects were judged as measured because there were too many to run again. */
  readonly unconfirmed: { readonly slow: number; readonly failed: number };
  /** What was traced, when that was asked for. */
  readonly traces?: readonly FileTrace[];
};

/** All tests of a run, in file order. */
export function testsOf(run: TestRun): Test[] {
  return run.files.flatMap((file) => file.tests);
}

/** Identity of a test inside a run and in the allowlist. Names may hold anything, so the separator is one that neither can. */
export function testKey(test: { readonly file: string; readonly name: string }): string {
  return `${test.file}\0${test.name}`;
}

/**
 * The time that judges a test, in ms: its own (without subtests), in the fastest of its attempts. Attempts that passed count before others,
 * because a test that skips or fails when it runs alone ends early without having shown that it is fast.
 */
export function fastestMs(test: Test): number {
  const passed = test.attempts.filter((attempt) => attempt.outcome === 'passed');
  const ran = passed.length > 0 ? passed : test.attempts.filter((attempt) => attempt.outcome !== 'skipped');
  if (ran.length === 0) return Math.max(0, test.durationMs - test.subtestsMs);
  return Math.min(...ran.map((attempt) => attempt.durationMs));
}

/** Whether this stands for a whole file (one that failed as such) rather than for a test in it. */
export function isWholeFile(test: { readonly file: string; readonly name: string; readonly line: number }): boolean {
  return test.name === test.file && test.line === 0;
}
