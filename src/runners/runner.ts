import type { Progress } from '../model/progress.ts';
import type { CoveragePolicy } from '../model/policy.ts';
import type { Test, TestRun } from '../model/test-run.ts';
import type { SuitePlan } from './plan.ts';

/** What to measure and how. */
export type MeasureRequest = {
  readonly root: string;
  readonly plan: SuitePlan;
  /** Sources to measure; null runs the suite bare, without coverage. */
  readonly coverage: Pick<CoveragePolicy, 'include' | 'exclude'> | null;
  /** One file, filtered to these tests; null for the whole suite. */
  readonly only: { readonly file: string; readonly tests: readonly Test[] } | null;
  readonly timeoutMs: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The descriptor on which the test runner's own output passes through; null keeps it for crash messages only. */
  readonly passThrough: 1 | 2 | null;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
};

/** The port every test runner is adapted to. A suite that fails, hangs or crashes is a result (`unproven`), not an exception. */
export type Runner = {
  readonly name: string;
  readonly measure: (request: MeasureRequest) => Promise<TestRun>;
};
