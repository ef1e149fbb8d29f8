import type { Progress } from '../model/progress.ts';
import type { CoveragePolicy } from '../model/policy.ts';
import type { Test, TestRun } from '../model/test-run.ts';
import { nodeTestRunner } from '../runners/node-test/runner.ts';
import type { SuitePlan } from '../runners/plan.ts';
import type { MeasureRequest, Reuse, Track } from '../runners/runner.ts';
import type { RunAlone } from './confirm.ts';
import type { RunTraced } from './explain.ts';

/** A suite and the circumstances it runs in. */
export type Suite = {
  readonly root: string;
  readonly plan: SuitePlan;
  readonly coverage: Pick<CoveragePolicy, 'include' | 'exclude'>;
  readonly turbo: boolean;
  readonly timeoutMs: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly passThrough: 1 | 2 | null;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  readonly onNotice: (text: string) => void;
};

function request(suite: Suite, instrumented: boolean, only: MeasureRequest['only']): MeasureRequest {
  return { ...suite, coverage: instrumented ? suite.coverage : null, only };
}

/** Runs the whole suite once, with coverage or bare. */
export function measure(suite: Suite, instrumented: boolean): Promise<TestRun> {
  return nodeTestRunner.measure(request(suite, instrumented, null));
}

/** Runs what cannot be reused of the suite, with coverage; the result is the whole suite. */
export function measureAgain(suite: Suite, how: { track: Track; reuse: (plan: SuitePlan) => Promise<Reuse | null> }): Promise<TestRun> {
  return nodeTestRunner.measure({ ...request(suite, true, null), ...how });
}

/** Runs single tests of one file, for confirmation. */
export function runnerAlone(suite: Suite): RunAlone {
  return (file: string, tests: readonly Test[], instrumented: boolean) =>
    nodeTestRunner.measure(request(suite, instrumented, { file, tests }));
}

/** Runs one file, or some of its tests, with the tracer; `withSetup` for the first run there is, which has to build what is tested. */
export function runnerTraced(suite: Suite, withSetup: boolean): RunTraced {
  return (file: string, tests: readonly Test[], timeoutMs: number) =>
    nodeTestRunner.measure({ ...request(suite, false, { file, tests }), timeoutMs, trace: true, withSetup });
}
