import { calibratedSuiteMs, isCalibratable } from '../insight/calibration.ts';
import type { Finding, FindingOf } from '../model/finding.ts';
import type { Policy } from '../model/policy.ts';
import type { TestRun } from '../model/test-run.ts';

/** The largest factor by which coverage was seen to lengthen a suite; beyond it a run without coverage would be over budget too. */
export const MAX_COVERAGE_FACTOR = 4.2;

const SLOWEST_FILES = 5;

/** A projection beyond this part of the budget is too near to it to be relied on. */
const NEAR = 0.9;

/** Holds the suite's wall time against its budget, then its ideal; exactly on a limit holds. What is only projected fails nothing. */
export function judgeBudget(run: TestRun, policy: Policy): Finding[] {
  const { budgetMs, idealMs } = policy.suite;
  const wallMs = judgedWallMs(run, policy);
  if (isNearBudget(run, policy)) return [{ code: 'suite-budget', severity: 'warning', ...suiteTime(run, policy, budgetMs) }];
  if (isOverBudget(run, policy)) return [{ code: 'suite-budget', severity: 'error', ...suiteTime(run, policy, budgetMs) }];
  if (!(wallMs <= idealMs)) return [{ code: 'suite-ideal', severity: 'warning', ...suiteTime(run, policy, idealMs) }];
  return [];
}

/** Whether a suite took longer than its budget; what is only projected did not. */
export function isOverBudget(run: TestRun, policy: Policy): boolean {
  return run.projectedWallMs === undefined && !(judgedWallMs(run, policy) <= policy.suite.budgetMs);
}

/** Whether a suite of which only a part ran may be over its budget: only a full run can tell. */
export function isNearBudget(run: TestRun, policy: Policy): boolean {
  return run.projectedWallMs !== undefined && !(run.projectedWallMs <= nearBudgetMs(policy));
}

/** The wall time from which on a suite is near its budget, in ms. */
export function nearBudgetMs(policy: Policy): number {
  return policy.suite.budgetMs * NEAR;
}

/** The wall time that is judged, in ms: that of the whole suite, without coverage where that was measured and is shorter. */
function judgedWallMs(run: TestRun, policy: Policy): number {
  if (run.projectedWallMs !== undefined) return run.projectedWallMs;
  return policy.limits.clock === 'calibrated' ? calibratedSuiteMs(run) : wallHere(run);
}

function wallHere(run: TestRun): number {
  return run.bareWallMs === null ? run.wallMs : Math.min(run.wallMs, run.bareWallMs);
}

/** Whether running the suite once more, without coverage, could turn a failure on its budget into a pass. */
export function budgetCanChange(run: TestRun, policy: Policy): boolean {
  const { budgetMs } = policy.suite;
  const over = run.projectedWallMs === undefined && !(run.wallMs <= budgetMs);
  const inReach = run.wallMs <= budgetMs * MAX_COVERAGE_FACTOR;
  return run.instrumented && run.bareWallMs === null && run.unproven.length === 0 && over && inReach;
}

function suiteTime(run: TestRun, policy: Policy, limitMs: number): Omit<FindingOf<'suite-budget'>, 'code' | 'severity'> {
  const files = run.files.map(({ file, durationMs, tests }) => ({ file, durationMs, tests: tests.length }));
  const slowestFiles = files.toSorted((a, b) => b.durationMs - a.durationMs || (a.file < b.file ? -1 : 1)).slice(0, SLOWEST_FILES);
  const tests = files.reduce((sum, file) => sum + file.tests, 0);
  const projected = run.projectedWallMs !== undefined;
  const decides = policy.limits.clock === 'calibrated';
  const calibrated = { hereMs: wallHere(run), thereMs: calibratedSuiteMs(run), decides };
  return {
    wallMs: run.projectedWallMs ?? run.wallMs,
    bareWallMs: run.bareWallMs,
    ...(projected || !isCalibratable(run) ? {} : { calibrated }),
    projected,
    limitMs,
    workers: run.workers,
    tests,
    slowestFiles,
  };
}
