import { measure, type Suite } from '../../engine/measure.ts';
import type { WorkerTrial } from '../../insight/audit.ts';
import { PushgateError, usageError } from '../../model/error.ts';
import { testsOf, type TestRun } from '../../model/test-run.ts';
import { plural } from '../../report/units.ts';
import type { SuitePlan } from '../../runners/plan.ts';
import { withWorkers } from '../../runners/node-test/with-workers.ts';

/** The plans that run a suite on each number of workers. Throws a usage error where that number is not pushgate's to set. */
export function plansFor(plan: SuitePlan, counts: readonly number[]): Map<number, SuitePlan> {
  return new Map(
    counts.map((workers) => {
      const changed = withWorkers(plan, workers);
      if (changed !== null) return [workers, changed];
      throw usageError(
        '--workers needs test files in processes of their own, started by a plain node --test.',
        'Without --workers the audit shows everything else.',
      );
    }),
  );
}

/** Runs the suite once on each number of workers, one after the other. A run that does not reach its end is told as one. */
export async function tryWorkers(
  suite: Suite,
  plans: ReadonlyMap<number, SuitePlan>,
  { instrumented, phase }: { instrumented: boolean; phase: (text: string) => Suite['onProgress'] },
): Promise<WorkerTrial[]> {
  const trials: WorkerTrial[] = [];
  for (const [workers, plan] of plans) {
    const onProgress = phase(`The suite runs on ${plural(workers, 'worker')}`);
    // oxlint-disable-next-line no-await-in-loop -- beside one another they would measure each other
    trials.push(trialOf(workers, await runOn({ ...suite, plan, onProgress }, instrumented)));
  }
  return trials;
}

async function runOn(suite: Suite, instrumented: boolean): Promise<TestRun | null> {
  try {
    return await measure(suite, instrumented);
  } catch (error) {
    if (suite.signal.aborted || !(error instanceof PushgateError)) throw error;
    return null;
  }
}

function trialOf(workers: number, run: TestRun | null): WorkerTrial {
  if (run === null || run.unproven.length > 0) return { workers, wallMs: null, failed: 0 };
  return { workers, wallMs: run.wallMs, failed: testsOf(run).filter((test) => test.outcome === 'failed').length };
}
